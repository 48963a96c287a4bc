package dev.taskqueue.fault;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import com.mongodb.connection.ServerType;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Looks at each command that an application sends to the queue's database: writes must
 * ask for the majority, and reads must go to the primary.
 */
final class QueueCommands implements CommandListener {

	private static final Set<String> WRITES = Set.of("insert", "update", "delete", "findAndModify");

	private static final Set<String> READS = Set.of("find", "aggregate", "count", "distinct", "getMore");

	private static final BsonString PRIMARY = new BsonString("primary");

	private final AtomicInteger writes = new AtomicInteger();

	private final AtomicInteger reads = new AtomicInteger();

	private final Queue<String> weak = new ConcurrentLinkedQueue<>();

	@Override
	public void commandStarted(CommandStartedEvent event) {
		BsonDocument command = event.getCommand();
		if (WRITES.contains(event.getCommandName())) {
			this.writes.incrementAndGet();
			check(event, new BsonString("majority").equals(concern(command, "writeConcern", "w")));
		}
		else if (READS.contains(event.getCommandName())) {
			this.reads.incrementAndGet();
			@Nullable BsonValue mode = concern(command, "$readPreference", "mode");
			@Nullable BsonValue level = concern(command, "readConcern", "level");
			check(event,
					(mode == null || mode.equals(PRIMARY))
							&& (level == null || !level.equals(new BsonString("available")))
							&& event.getConnectionDescription().getServerType() == ServerType.REPLICA_SET_PRIMARY);
		}
	}

	private static @Nullable BsonValue concern(BsonDocument command, String name, String field) {
		return command.getDocument(name, new BsonDocument()).get(field);
	}

	private void check(CommandStartedEvent event, boolean strong) {
		if (!strong) {
			this.weak.add(event.getConnectionDescription().getServerType() + ": " + event.getCommand().toJson());
		}
	}

	/** How many writes were looked at. */
	int writes() {
		return this.writes.get();
	}

	/** How many reads were looked at. */
	int reads() {
		return this.reads.get();
	}

	/** Commands that a lost primary could undo, or that may show an old state. */
	List<String> weak() {
		return List.copyOf(this.weak);
	}

}
