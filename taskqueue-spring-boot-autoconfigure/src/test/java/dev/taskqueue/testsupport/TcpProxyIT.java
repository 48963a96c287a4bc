package dev.taskqueue.testsupport;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.MongoOperationTimeoutException;
import com.mongodb.MongoSocketReadException;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The client has no retries of its own here, so that each fault is seen.
 */
@Tag("outage")
class TcpProxyIT {

	private static final String HOST = "127.0.1.7";

	@SuppressWarnings("NullAway.Init")
	private static OwnMongoServer server;

	@SuppressWarnings("NullAway.Init")
	private static MongoClient direct;

	@SuppressWarnings("NullAway.Init")
	private TcpProxy proxy;

	@SuppressWarnings("NullAway.Init")
	private MongoClient client;

	@SuppressWarnings("NullAway.Init")
	private MongoCollection<Document> things;

	@BeforeAll
	static void startServer() {
		server = MongoServer.startOwn(true);
		direct = MongoClients.create(server.uri());
	}

	@AfterAll
	static void stopServer() {
		direct.close();
		server.close();
	}

	@BeforeEach
	void start() {
		direct.getDatabase("proxied").drop();
		this.proxy = TcpProxy.start(HOST, server.port());
		this.client = client(server.uri());
		this.things = this.client.getDatabase("proxied").getCollection("things");
		this.things.insertOne(new Document("_id", "first"));
	}

	@AfterEach
	void stop() {
		this.client.close();
		this.proxy.close();
	}

	@Test
	void setIsReachedThroughTheProxyWithoutTheServerKnowing() {
		assertThat(this.proxy.connections()).isPositive();
		assertThat(this.things.countDocuments()).isOne();

		this.proxy.refuse();

		assertThatExceptionOfType(MongoException.class).isThrownBy(this.things::countDocuments);
		assertThat(stored()).isOne();
	}

	@Test
	void nothingReachesTheServerUntilItIsHealed() {
		this.proxy.cutToServer();

		assertThatExceptionOfType(MongoOperationTimeoutException.class)
			.isThrownBy(() -> this.things.insertOne(new Document()));
		assertThat(this.proxy.swallowed()).isPositive();
		assertThat(stored()).isOne();

		this.proxy.heal();

		assertThatWritesPass();
		assertThat(stored()).isEqualTo(2);
	}

	@Test
	void serverDoesWhatItHeardThoughNoReplyArrives() {
		this.proxy.cutToClient();

		assertThatExceptionOfType(MongoOperationTimeoutException.class)
			.isThrownBy(() -> this.things.insertOne(new Document()));
		assertThat(stored()).isEqualTo(2);

		this.proxy.heal();

		assertThatWritesPass();
	}

	@Test
	void nothingArrivesInNeitherWay() {
		this.proxy.cutBoth();

		assertThatExceptionOfType(MongoOperationTimeoutException.class)
			.isThrownBy(() -> this.things.insertOne(new Document()));
		assertThat(stored()).isOne();

		this.proxy.heal();

		assertThatWritesPass();
	}

	@Test
	void connectionsAreTakenAgainAfterTheyWereRefused() {
		this.proxy.refuse();
		assertThat(this.proxy.connections()).isZero();
		assertThatExceptionOfType(MongoException.class).isThrownBy(() -> this.things.insertOne(new Document()));

		this.proxy.heal();

		assertThatWritesPass();
	}

	@Test
	void listensAgainAtOnceAfterItRefused() throws IOException {
		this.client.close();
		for (int i = 0; i < 100; i++) {
			// the next one is awaited now, and that is what kept the address
			Socket socket = new Socket(HOST, server.port());
			awaitConnections(1);
			socket.close();
			awaitConnections(0);

			this.proxy.refuse();
			this.proxy.heal();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "insert", "update", "findAndModify" })
	void commandIsDoneAndItsReplyIsCut(String command) {
		this.proxy.cutReplyOf(command, 1);

		assertThatExceptionOfType(MongoSocketReadException.class).isThrownBy(() -> run(command));

		assertThat(this.proxy.repliesCut()).isOne();
		assertThat(direct.getDatabase("proxied").getCollection("things").countDocuments(new Document("by", command)))
			.isOne();
		this.things.insertOne(new Document());
		assertThat(run(command)).isOne();
	}

	@Test
	void otherCommandsPassWhileAReplyIsToBeCut() {
		this.proxy.cutReplyOf("delete", 1);

		this.things.insertOne(new Document());

		assertThat(this.proxy.repliesCut()).isZero();
		assertThatExceptionOfType(MongoSocketReadException.class)
			.isThrownBy(() -> this.things.deleteMany(new Document()));
		assertThat(stored()).isZero();
	}

	@Test
	void messagesOfManyPacketsPassWhole() {
		String large = "x".repeat(1_000_000);

		this.things.insertMany(IntStream.range(0, 20).mapToObj((i) -> new Document("text", large)).toList());

		assertThat(this.things.find(new Document("text", large))).hasSize(20);
	}

	@Test
	void messagesAreLateByTheDelayOfEachWay() {
		this.proxy.delay(Duration.ofMillis(300));

		assertThat(millis(() -> this.things.insertOne(new Document()))).isGreaterThanOrEqualTo(600);
		this.proxy.heal();

		assertThat(millis(() -> this.things.insertOne(new Document()))).isLessThan(600);
	}

	@Test
	void messageIsDoneWhenItsSenderHasLongGivenUp() {
		this.proxy.delay(Duration.ofMillis(1500));

		assertThatExceptionOfType(MongoOperationTimeoutException.class)
			.isThrownBy(() -> this.things.insertOne(new Document()));
		assertThat(stored()).isOne();

		Awaitility.await().untilAsserted(() -> assertThat(stored()).isEqualTo(2));
	}

	@Test
	void connectionsAreResetNowAndThen() {
		this.proxy.reset(0.2, 42);

		long failed = IntStream.range(0, 20).filter((i) -> {
			try {
				this.things.insertOne(new Document());
				return false;
			}
			catch (MongoException ex) {
				return true;
			}
		}).count();

		assertThat(failed).isBetween(1L, 19L);
		assertThat(this.proxy.resets()).isPositive();
		this.proxy.heal();
		assertThatWritesPass();
	}

	@Test
	@Tag("slow")
	void eachMemberOfASetHasItsProxy() {
		try (OwnReplicaSet set = MongoServer.startOwnReplicaSet()) {
			int primary = set.primary().port();
			List<TcpProxy> proxies = set.ports().stream().map((port) -> TcpProxy.start(HOST, port)).toList();
			try (MongoClient proxied = client(set.uri())) {
				MongoCollection<Document> majority = proxied.getDatabase("proxied")
					.getCollection("things")
					.withWriteConcern(WriteConcern.MAJORITY);
				majority.insertOne(new Document());
				assertThat(proxies).allMatch((proxy) -> proxy.connections() > 0);

				proxies.get(set.ports().indexOf(primary)).cutBoth();

				assertThatExceptionOfType(MongoException.class).isThrownBy(() -> majority.insertOne(new Document()));
				set.stepDown();
				Awaitility.await().ignoreExceptions().until(() -> majority.insertOne(new Document()).wasAcknowledged());
			}
			finally {
				proxies.forEach(TcpProxy::close);
			}
		}
	}

	private void awaitConnections(int connections) {
		Awaitility.await()
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(1))
			.until(() -> this.proxy.connections() == connections);
	}

	private void assertThatWritesPass() {
		Awaitility.await().ignoreExceptions().until(() -> this.things.insertOne(new Document()).wasAcknowledged());
	}

	/** As seen by a client that does not go through the proxy. */
	private static long stored() {
		return direct.getDatabase("proxied").getCollection("things").countDocuments();
	}

	private long run(String command) {
		Document mark = new Document("$set", new Document("by", command));
		switch (command) {
			case "insert" -> this.things.insertOne(new Document("by", command));
			case "update" -> this.things.updateOne(new Document("_id", "first"), mark);
			default -> this.things.findOneAndUpdate(new Document("_id", "first"), mark);
		}
		return 1;
	}

	private static long millis(Runnable operation) {
		long began = System.nanoTime();
		operation.run();
		return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
	}

	private static MongoClient client(String uri) {
		return MongoClients.create(MongoClientSettings.builder()
			.applyConnectionString(new ConnectionString(uri + "&retryReads=false&retryWrites=false&timeoutMS=1000"))
			.inetAddressResolver(TcpProxy.leadingTo(HOST))
			.build());
	}

}
