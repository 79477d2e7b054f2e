// Webhooks: verify the signature of each delivery on the raw body, as Standard Webhooks says, then answer at once.
//
// EVENTS_WEBHOOK_SECRET=whsec_… HOST=… PORT=8080 java Webhook.java    (Java 17 or newer, nothing to install)

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Webhook {
    static final long TOLERANCE_SECONDS = 300;
    static final int LARGEST_BODY = 1_000_000;

    /** `signatures` is the header as it came: one or more of `v1,BASE64`, with spaces between them. */
    static boolean isGenuine(String secret, String id, String sentAt, String signatures, byte[] body)
            throws GeneralSecurityException {
        if (id.isEmpty() || !sentAt.matches("\\d{1,15}")) {
            return false;
        }
        if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(sentAt)) > TOLERANCE_SECONDS) {
            return false;
        }
        byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + sentAt + ".").getBytes(StandardCharsets.UTF_8));
        byte[] expected = mac.doFinal(body);
        for (String each : signatures.split("\\s+")) {
            if (each.startsWith("v1,") && MessageDigest.isEqual(expected, decoded(each.substring(3)))) {
                return true;
            }
        }
        return false;
    }

    static byte[] decoded(String signature) {
        try {
            return Base64.getDecoder().decode(signature);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }

    static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst("webhook-" + name);
        return value == null ? "" : value;
    }

    static void receive(HttpExchange exchange) throws IOException {
        // the bytes as they came: parse them only after they were verified
        byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
        boolean genuine;
        try {
            genuine = body.length <= LARGEST_BODY && isGenuine(System.getenv("EVENTS_WEBHOOK_SECRET"),
                header(exchange, "id"), header(exchange, "timestamp"), header(exchange, "signature"), body);
        } catch (GeneralSecurityException broken) {
            throw new IOException(broken);
        }
        if (genuine) {
            // store it under this id once; do the work later, from a queue
            System.out.println("taken " + header(exchange, "id"));
        }
        exchange.sendResponseHeaders(genuine ? 204 : 401, -1);
        exchange.close();
    }

    public static void main(String[] arguments) throws IOException {
        var address = new InetSocketAddress(System.getenv("HOST"), Integer.parseInt(System.getenv("PORT")));
        HttpServer server = HttpServer.create(address, 0);
        server.createContext("/", Webhook::receive);
        server.start();
        System.out.println("listening on " + server.getAddress().getPort());
    }
}
