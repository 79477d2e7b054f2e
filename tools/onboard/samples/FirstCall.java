// First call: send one event and print the id under which it was taken.
//
// EVENTS_API_URL=… EVENTS_API_KEY=… java FirstCall.java    (Java 17 or newer, nothing to install)

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;

public class FirstCall {
    static final String API = System.getenv("EVENTS_API_URL"); // the address of the API, of the sandbox first

    static String sendEvent(String event) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(API + "/api/v2/events"))
            .timeout(Duration.ofSeconds(10))
            .header("Authorization", "Bearer " + System.getenv("EVENTS_API_KEY"))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", UUID.randomUUID().toString())
            .POST(HttpRequest.BodyPublishers.ofString(event))
            .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException("answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    public static void main(String[] arguments) throws Exception {
        String event = "{\"type\": \"order.shipped\", \"subject\": \"order-1042\", \"data\": {\"carrier\": \"post\"}}";
        System.out.println("taken as " + sendEvent(event));
    }
}
