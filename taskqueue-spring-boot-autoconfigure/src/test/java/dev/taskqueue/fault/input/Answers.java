package dev.taskqueue.fault.input;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the node tells over the web.
 */
final class Answers {

	private final HttpClient http = HttpClient.newHttpClient();

	private final String port;

	Answers(String port) {
		this.port = port;
	}

	/** A path of the node's endpoints, which must answer. */
	JsonNode get(String path) throws IOException, InterruptedException {
		HttpResponse<String> response = this.http
			.send(HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + "/actuator/" + path))
				.header("Accept", "application/json")
				.build(), HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).as("%s: %.2000s", path, response.body()).isEqualTo(200);
		return JsonMapper.shared().readTree(response.body());
	}

	/** Reads all jobs page by page and returns their number. */
	int countJobs(String filter, int limit) throws IOException, InterruptedException {
		int count = 0;
		String after = "";
		while (true) {
			JsonNode page = get("taskqueue/jobs?limit=" + limit + filter + after);
			count += page.get("jobs").size();
			if (!page.has("next")) {
				return count;
			}
			after = "&after=" + URLEncoder.encode(page.get("next").asString(), StandardCharsets.UTF_8);
		}
	}

	/** The threads of the queue that live as long as the node, by name. */
	Map<String, Long> ownThreads() throws IOException, InterruptedException {
		Map<String, Long> threads = new TreeMap<>();
		for (JsonNode thread : get("threaddump").get("threads")) {
			String name = thread.get("threadName").asString();
			if (name.startsWith("taskqueue-") && thread.get("stackTrace").toString().contains("dev.taskqueue")) {
				threads.put(name, thread.get("threadId").asLong());
			}
		}
		return threads;
	}

}
