package dev.taskqueue.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import dev.taskqueue.JobHandle;
import dev.taskqueue.JobQuery;
import dev.taskqueue.JobWatch;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.TcpProxy;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** On a replica set, behind a network that fails. */
class WatchIT extends WatchContract {

	private static final String HOST = "127.0.1.83";

	@SuppressWarnings("NullAway.Init")
	private static OwnMongoServer server;

	@SuppressWarnings("NullAway.Init")
	private static TcpProxy proxy;

	@SuppressWarnings("NullAway.Init")
	private static MongoClient watching;

	@SuppressWarnings("NullAway.Init")
	private static MongoClient others;

	WatchIT() {
		super(collections(watching.getDatabase("w" + UUID.randomUUID().toString().substring(0, 8))));
	}

	private static TaskQueueDatabase collections(MongoDatabase database) {
		return new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(2));
	}

	@BeforeAll
	static void start() {
		server = MongoServer.startOwn(true);
		proxy = TcpProxy.start(HOST, server.port());
		others = MongoClients.create(server.uri());
		watching = MongoClients.create(MongoClientSettings.builder()
			.applyConnectionString(new ConnectionString(server.uri()))
			.inetAddressResolver(TcpProxy.leadingTo(HOST))
			.applyToClusterSettings((cluster) -> cluster.serverSelectionTimeout(2, TimeUnit.SECONDS))
			.applyToServerSettings((heartbeat) -> heartbeat.heartbeatFrequency(500, TimeUnit.MILLISECONDS))
			.build());
	}

	@AfterAll
	static void stop() {
		watching.close();
		others.close();
		proxy.close();
		server.close();
	}

	@Override
	TaskQueueDatabase other() {
		return collections(others.getDatabase(database().database().getName()));
	}

	@Test
	void endDuringAnOutageIsToldAfterIt() {
		JobHandle<Object> job = queue().enqueue("f");
		watch(job.id());
		queue().watch(JobQuery.all().function("f"), (changed) -> told().add("query " + changed.state()));
		await(() -> assertThat(told()).contains(job.id() + " PENDING"));
		claim(job.id());
		await(() -> assertThat(told()).contains(job.id() + " RUNNING", "query RUNNING"));

		proxy.refuse();
		end(job.id(), "succeeded");
		await(() -> assertThat(proxy.connections()).isZero());
		proxy.heal();

		await(() -> assertThat(told()).contains(job.id() + " SUCCEEDED", "query SUCCEEDED"));
		assertThat(told().stream().filter((line) -> line.endsWith("SUCCEEDED"))).hasSize(2);
	}

	@Test
	void endThatComesWhileTheServerForgetsThePlaceInTheStreamIsTold() {
		JobHandle<Object> job = queue().enqueue("f");
		queue().watch(JobQuery.all().function("f"), this::tell);
		claim(job.id());
		await(() -> assertThat(told()).contains(job.id() + " RUNNING"));

		// a drop makes each place useless, and the jobs are there again
		Document found = other().jobs().find().first();
		assertThat(found).isNotNull();
		other().jobs().drop();
		Indexes.create(other());
		other().jobs().insertOne((found != null) ? found : new Document());
		end(job.id(), "succeeded");

		await(() -> assertThat(told()).contains(job.id() + " SUCCEEDED"));
	}

	@Test
	void serverThatRefusesToTellOfChangesIsAsked() {
		Document refusal = new Document("failCommands", List.of("aggregate")).append("errorCode", 13)
			.append("namespace", other().jobs().getNamespace().getFullName());
		failCommand(new Document("mode", "alwaysOn").append("data", refusal));
		try {
			JobHandle<Object> job = queue().enqueue("f");
			watch(job.id());
			queue().watch(JobQuery.all().function("f"), (changed) -> told().add("query " + changed.state()));
			await(() -> assertThat(told()).contains(job.id() + " PENDING"));

			end(job.id(), "succeeded");

			await(() -> assertThat(told()).contains(job.id() + " SUCCEEDED", "query SUCCEEDED"));
		}
		finally {
			failCommand(new Document("mode", "off"));
		}
	}

	private static void failCommand(Document how) {
		Document command = new Document("configureFailPoint", "failCommand");
		command.putAll(how);
		others.getDatabase("admin").runCommand(command);
	}

	@Test
	void allWatchesShareOneStream() {
		try (JobWatch one = queue().watchPrefix("a", this::tell);
				JobWatch two = queue().watch(JobQuery.all().queue("q"), this::tell);
				JobWatch three = watch("x")) {
			assertThat(one).isNotSameAs(two).isNotSameAs(three);
			await(() -> assertThat(streams()).isEqualTo(1));
			queue().job("f").id("x").enqueue();
			await(() -> assertThat(told()).containsExactly("x PENDING"));
			assertThat(streams()).isLessThanOrEqualTo(1);
		}
	}

	/** The questions to streams of this test's jobs that wait at the server. */
	private int streams() {
		Document ofThis = new Document("op", "getmore").append("ns", other().jobs().getNamespace().getFullName());
		return others.getDatabase("admin")
			.aggregate(List.of(new Document("$currentOp", new Document()), new Document("$match", ofThis)))
			.into(new ArrayList<>())
			.size();
	}

}
