package dev.taskqueue.testsupport;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * A replica set of three mongods of a test's own, which elects a new primary within some
 * three seconds. What its members are is asked of them each time, for it changes.
 * <p>
 * Not for use by several threads at a time.
 */
public final class OwnReplicaSet implements AutoCloseable {

	private final List<OwnMongoServer> members;

	/**
	 * Starts one.
	 * @param disks where the data of each member is to be; empty for the usual place
	 */
	OwnReplicaSet(Path binary, List<Path> disks) {
		this.members = disks.isEmpty()
				? Stream.generate(() -> new OwnMongoServer(binary, OwnMongoServer.Role.MEMBER)).limit(3).toList()
				: disks.stream().map((disk) -> new OwnMongoServer(binary, OwnMongoServer.Role.MEMBER, disk)).toList();
		try {
			this.members.forEach(OwnMongoServer::start);
			try (MongoClient client = this.members.get(0).directClient()) {
				OwnMongoServer.initiate(client, this.members);
			}
			primary();
			awaitSecondaries();
		}
		catch (RuntimeException | Error ex) {
			close();
			throw ex;
		}
	}

	/**
	 * The connection string with all members, without a database and with its query
	 * begun: further options are added with an ampersand.
	 */
	public String uri() {
		return "mongodb://" + this.members.stream().map(OwnMongoServer::address).collect(Collectors.joining(","))
				+ "/?replicaSet=" + OwnMongoServer.SET;
	}

	/** The port of each member, at 127.0.0.1. */
	public List<Integer> ports() {
		return this.members.stream().map(OwnMongoServer::port).toList();
	}

	/** All members, whatever they are now. */
	public List<OwnMongoServer> members() {
		return this.members;
	}

	/** Waits until there is a primary that takes writes, and no other that thinks so. */
	public OwnMongoServer primary() {
		AtomicReference<@Nullable OwnMongoServer> found = new AtomicReference<>();
		Awaitility.await("a primary")
			.atMost(OwnMongoServer.START_TIMEOUT)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(50))
			.until(() -> {
				List<OwnMongoServer> primaries = members("isWritablePrimary");
				found.set((primaries.size() == 1) ? primaries.get(0) : null);
				return found.get() != null;
			});
		return Objects.requireNonNull(found.get());
	}

	/** The members that are secondaries now: those that run, answer and have the data. */
	public List<OwnMongoServer> secondaries() {
		return members("secondary");
	}

	/** Waits until all that run, but the primary, are secondaries. */
	public void awaitSecondaries() {
		Awaitility.await("secondaries")
			.atMost(OwnMongoServer.START_TIMEOUT)
			.pollInterval(Duration.ofMillis(50))
			.until(() -> secondaries().size() == this.members.stream().filter(OwnMongoServer::isRunning).count() - 1);
	}

	/** Makes the primary step down for half a minute; returns when there is another. */
	public void stepDown() {
		OwnMongoServer before = primary();
		try (MongoClient client = before.directClient()) {
			client.getDatabase("admin").runCommand(new Document("replSetStepDown", 30));
		}
		Awaitility.await("another primary")
			.atMost(OwnMongoServer.START_TIMEOUT)
			.pollInterval(Duration.ofMillis(50))
			.until(() -> primary() != before);
	}

	private List<OwnMongoServer> members(String what) {
		return this.members.stream()
			.filter((member) -> member.isRunning() && !member.isFrozen())
			.filter((member) -> says(member, what))
			.toList();
	}

	private static boolean says(OwnMongoServer member, String what) {
		try (MongoClient client = member.directClient()) {
			return client.getDatabase("admin").runCommand(new Document("hello", 1)).get(what, Boolean.FALSE);
		}
		catch (MongoException ex) {
			return false;
		}
	}

	@Override
	public void close() {
		this.members.forEach(OwnMongoServer::close);
	}

}
