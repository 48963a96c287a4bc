package dev.taskqueue.trial;

import java.util.List;

import dev.taskqueue.testsupport.MongoServer;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.OwnReplicaSet;
import org.jspecify.annotations.Nullable;

/** The servers of a trial, and how the applications call them. */
final class Servers implements AutoCloseable {

	private final String name;

	private final List<OwnMongoServer> members;

	private final @Nullable OwnReplicaSet set;

	private final String options;

	private Servers(String name, List<OwnMongoServer> members, @Nullable OwnReplicaSet set, String options) {
		this.name = name;
		this.members = members;
		this.set = set;
		this.options = options;
	}

	/** A replica set of three. */
	static Servers ofThree() {
		OwnReplicaSet set = MongoServer.startOwnReplicaSet();
		return new Servers("a replica set of three", set.members(), set, "");
	}

	/** The same, called with options that would lose writes and read old states. */
	static Servers ofThreeCalledWeakly() {
		OwnReplicaSet set = MongoServer.startOwnReplicaSet();
		return new Servers("a replica set of three with w=1 and readPreference=secondary", set.members(), set,
				"&w=1&readPreference=secondary");
	}

	/** A server without replication: no change streams, no transactions. */
	static Servers alone() {
		return new Servers("a stand-alone server", List.of(MongoServer.startOwn(false)), null, "?");
	}

	List<OwnMongoServer> members() {
		return this.members;
	}

	boolean canLoseAMember() {
		return this.set != null;
	}

	OwnMongoServer primary() {
		return (this.set != null) ? this.set.primary() : this.members.get(0);
	}

	void stepDown() {
		if (this.set != null) {
			this.set.stepDown();
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
		return uri() + this.options + "&maxPoolSize=" + WorkerApplication.POOL;
	}

	@Override
	public void close() {
		if (this.set != null) {
			this.set.close();
		}
		else {
			this.members.forEach(OwnMongoServer::close);
		}
	}

	@Override
	public String toString() {
		return this.name;
	}

}
