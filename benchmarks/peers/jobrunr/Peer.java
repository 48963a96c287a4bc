import java.time.Duration;
import java.util.stream.IntStream;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import org.bson.UuidRepresentation;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.jobs.mappers.JobMapper;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.JobActivator;
import org.jobrunr.storage.nosql.mongo.MongoDBStorageProvider;
import org.jobrunr.utils.mapper.jackson.JacksonJsonMapper;

/**
 * JobRunr on MongoDB. The poll interval is 5 s, the smallest that it takes (15 s when nothing is said). Settings:
 * {@code default}: as many workers as it takes itself; {@code best}: 16 workers a core, on JDK 17 twice the default.
 */
public final class Peer implements Bench.Peer {

	private final JacksonJsonMapper mapper = new JacksonJsonMapper();

	private final MongoDBStorageProvider storage;

	private final JobRequestScheduler scheduler;

	private BackgroundJobServer server;

	private Peer(MongoClient client) {
		this.storage = new MongoDBStorageProvider(client, "jobrunr");
		this.storage.setJobMapper(new JobMapper(this.mapper));
		this.scheduler = new JobRequestScheduler(this.storage);
	}

	public static void main(String[] args) throws Exception {
		MongoClientSettings settings = MongoClientSettings.builder()
			.applyConnectionString(new ConnectionString(Bench.env("MONGODB_URI")))
			.uuidRepresentation(UuidRepresentation.STANDARD)
			.build();
		try (MongoClient client = MongoClients.create(settings)) {
			Bench.run(new Peer(client));
		}
		System.exit(0);
	}

	@Override
	public void submit(int sample) {
		this.scheduler.enqueue(new NoOp(sample));
	}

	@Override
	public void submitAll(int jobs) {
		this.scheduler.enqueue(IntStream.range(0, jobs).mapToObj((i) -> new NoOp(-1)));
	}

	@Override
	public void start() {
		BackgroundJobServerConfiguration configuration = BackgroundJobServerConfiguration
			.usingStandardBackgroundJobServerConfiguration()
			.andPollInterval(Duration.ofSeconds(5));
		switch (Bench.SETTING) {
			case "default" -> {
			}
			case "best" -> configuration.andWorkerCount(16 * Runtime.getRuntime().availableProcessors());
			default -> throw new IllegalArgumentException("No setting '" + Bench.SETTING + "'");
		}
		this.server = new BackgroundJobServer(this.storage, this.mapper, new Activator(), configuration);
		this.server.start();
	}

	@Override
	public void stop() {
		this.server.stop();
	}

	@Override
	public Class<?> versioned() {
		return BackgroundJobServer.class;
	}

	@Override
	public int warmUp() {
		return 1000;
	}

	/** Longer than elsewhere, so that the samples fall into several polls. */
	@Override
	public int pauseMillis() {
		return 120;
	}

	public record NoOp(int sample) implements JobRequest {

		@Override
		public Class<NoOpHandler> getJobRequestHandler() {
			return NoOpHandler.class;
		}

	}

	public static final class NoOpHandler implements JobRequestHandler<NoOp> {

		@Override
		public void run(NoOp job) {
			Bench.started(job.sample());
		}

	}

	private static final class Activator implements JobActivator {

		@Override
		public <T> T activateJob(Class<T> type) {
			return type.cast(new NoOpHandler());
		}

	}

}
