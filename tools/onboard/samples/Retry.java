// Retries: back off on 429 and on 5xx, wait at least as long as Retry-After says, and give up after five attempts.
//
// EVENTS_API_URL=… EVENTS_API_KEY=… java Retry.java    (Java 17 or newer, nothing to install)

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

public class Retry {
    static final String API = System.getenv("EVENTS_API_URL"); // the address of the API, of the sandbox first
    static final int ATTEMPTS = 5;
    static final double FIRST_PAUSE = 1, LONGEST_PAUSE = 60;

    /** Seconds that the server asks for: a number, or a date; 0 where it says nothing that can be read. */
    static double retryAfter(String value) {
        if (value == null || value.isBlank()) {
            return 0;
        }
        if (value.strip().matches("\\d+")) {
            return Double.parseDouble(value.strip());
        }
        try {
            Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            return Math.max(Duration.between(Instant.now(), until).toMillis() / 1000.0, 0);
        } catch (java.time.DateTimeException unreadable) {
            return 0;
        }
    }

    /** Full jitter below 1, 2, 4, … seconds; what the server asks for is the least, however long it is. */
    static double pauseBefore(int attempt, double asked) {
        double bound = Math.min(LONGEST_PAUSE, FIRST_PAUSE * Math.pow(2, attempt));
        return Math.max(asked, ThreadLocalRandom.current().nextDouble() * bound);
    }

    static String sendEvent(String event) throws InterruptedException {
        String key = UUID.randomUUID().toString(); // the same for every attempt: the event is taken once
        HttpClient client = HttpClient.newHttpClient();
        String problem = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(API + "/api/v2/events"))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + System.getenv("EVENTS_API_KEY"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(event))
                .build();
            double asked = 0;
            try {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                int status = answer.statusCode();
                if (status / 100 == 2) {
                    return answer.body();
                }
                problem = "answered " + status;
                if (status != 429 && status < 500) {
                    throw new IllegalStateException(problem); // 400, 401, 403, 404: the same call will fail again
                }
                asked = retryAfter(answer.headers().firstValue("Retry-After").orElse(null));
            } catch (IOException error) {
                problem = "failed (" + error.getMessage() + ")";
            }
            if (attempt + 1 < ATTEMPTS) {
                double pause = pauseBefore(attempt, asked);
                System.out.println(String.format(Locale.ROOT, "%s, next attempt in %.1f s", problem, pause));
                Thread.sleep((long) Math.ceil(pause * 1000));
            }
        }
        throw new IllegalStateException(
            "given up after " + ATTEMPTS + " attempts: " + problem + "; put the event back into your queue");
    }

    public static void main(String[] arguments) throws Exception {
        String event = "{\"type\": \"order.shipped\", \"subject\": \"order-1042\", \"data\": {\"carrier\": \"post\"}}";
        System.out.println("taken as " + sendEvent(event));
    }
}
