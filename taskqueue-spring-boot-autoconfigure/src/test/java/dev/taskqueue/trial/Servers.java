package dev.taskqueue.trial;

import java.util.List;
import java.util.stream.Stream;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.OwnReplicaSet;
import dev.taskqueue.testsupport.SmallDisk;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/** The servers of a trial, and how the applications call them. */
final class Servers implements AutoCloseable {

	/** What an hour of jobs takes, and more. */
	private static final int DISK_MEGABYTES = 1500;

	private static final int UNAUTHORIZED = 13;

	private static final int CHANGE_STREAM_HISTORY_LOST = 286;

	/** By this the servers tell the applications from the leader. */
	private static final String APPLICATIONS = "trial";

	private final String name;

	private final List<OwnMongoServer> members;

	private final @Nullable OwnReplicaSet set;

	private final String options;

	/** One for each member, or none. */
	private final List<SmallDisk> disks;

	private Servers(String name, List<OwnMongoServer> members, @Nullable OwnReplicaSet set, String options,
			List<SmallDisk> disks) {
		this.name = name;
		this.members = members;
		this.set = set;
		this.options = options;
		this.disks = disks;
	}

	/**
	 * A replica set of three, each on a disk of its own where this user may mount one.
	 */
	static Servers ofThree() {
		List<SmallDisk> disks = SmallDisk.isAllowed()
				? Stream.generate(() -> new SmallDisk(DISK_MEGABYTES)).limit(3).toList() : List.of();
		OwnReplicaSet set = MongoServer.startOwnReplicaSet(disks);
		return new Servers("a replica set of three", set.members(), set, "", disks);
	}

	/** The same, called with options that would lose writes and read old states. */
	static Servers ofThreeCalledWeakly() {
		OwnReplicaSet set = MongoServer.startOwnReplicaSet();
		return new Servers("a replica set of three with w=1 and readPreference=secondary", set.members(), set,
				"&w=1&readPreference=secondary", List.of());
	}

	/** A replica set of one, for what is not about servers. */
	static Servers ofOne() {
		return new Servers("a replica set of one", List.of(MongoServer.startOwn(true)), null, "", List.of());
	}

	/** A server without replication: no change streams, no transactions. */
	static Servers alone() {
		return new Servers("a stand-alone server", List.of(MongoServer.startOwn(false)), null, "?", List.of());
	}

	List<OwnMongoServer> members() {
		return this.members;
	}

	boolean canDo(Fault fault) {
		return (!fault.needsAReplicaSet() || this.set != null) && (fault != Fault.DISK_FULL || !this.disks.isEmpty());
	}

	OwnMongoServer primary() {
		return (this.set != null) ? this.set.primary() : this.members.get(0);
	}

	void stepDown() {
		if (this.set != null) {
			this.set.stepDown();
		}
	}

	/** The disk of a member, which must have one. */
	SmallDisk diskOf(OwnMongoServer member) {
		return this.disks.get(this.members.indexOf(member));
	}

	/** To the applications the primary answers as to a user who may only read. */
	void forbidWrites() {
		refuse(List.of("insert", "update", "findAndModify", "delete", "createIndexes"), UNAUTHORIZED);
	}

	/** To the applications the primary says that its history is gone. */
	void invalidateStreams() {
		refuse(List.of("getMore"), CHANGE_STREAM_HISTORY_LOST);
	}

	private void refuse(List<String> commands, int code) {
		failPoint(primary(), new Document("mode", "alwaysOn").append("data",
				new Document("failCommands", commands).append("errorCode", code).append("appName", APPLICATIONS)));
	}

	/** What {@link #forbidWrites} and {@link #invalidateStreams} began ends. */
	void refuseNothing() {
		this.members.forEach((member) -> failPoint(member, new Document("mode", "off")));
	}

	private static void failPoint(OwnMongoServer member, Document how) {
		try (MongoClient client = MongoClients.create(member.uri())) {
			Document command = new Document("configureFailPoint", "failCommand");
			command.putAll(how);
			client.getDatabase("admin").runCommand(command);
		}
	}

	/** Waits until all members are back and have the data. */
	void awaitAll() {
		if (this.set != null) {
			this.set.primary();
			this.set.awaitSecondaries();
		}
	}

	String uri() {
		return (this.set != null) ? this.set.uri() : this.members.get(0).uri();
	}

	String uriOfApplications() {
		return uri() + this.options + "&appName=" + APPLICATIONS + "&maxPoolSize=" + WorkerApplication.POOL;
	}

	@Override
	public void close() {
		if (this.set != null) {
			this.set.close();
		}
		else {
			this.members.forEach(OwnMongoServer::close);
		}
		this.disks.forEach(SmallDisk::close);
	}

	@Override
	public String toString() {
		return this.name;
	}

}
