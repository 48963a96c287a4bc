package dev.taskqueue.client;

import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import com.mongodb.MongoException;
import dev.taskqueue.Job;
import dev.taskqueue.JobWatch;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.store.TaskQueueDatabase;
import org.jspecify.annotations.Nullable;

/**
 * All watches of this node. While there are some, one {@link JobChanges} serves them.
 */
final class Watches implements AutoCloseable {

	private final TaskQueueDatabase database;

	private final Clock serverClock;

	private final List<Watch> watches = new CopyOnWriteArrayList<>();

	private @Nullable JobChanges changes;

	private boolean closed;

	Watches(TaskQueueDatabase database, Clock serverClock) {
		this.database = database;
		this.serverClock = serverClock;
	}

	JobWatch begin(Wanted wanted, Consumer<Job> listener) {
		Watch watch;
		try {
			watch = new Watch(wanted, listener, this.serverClock, this::end);
		}
		catch (MongoException ex) {
			throw new TaskQueueException(
					"Jobs cannot be watched: MongoDB does not answer. Watch again when it does. " + ex.getMessage(),
					ex);
		}
		synchronized (this) {
			if (this.closed) {
				throw new TaskQueueException("Jobs cannot be watched any more: the application has ended.");
			}
			this.watches.add(watch);
			JobChanges running = this.changes;
			if (running == null) {
				running = new JobChanges(this.database, this.serverClock, this.watches);
				this.changes = running;
				running.start();
			}
			running.wakeUp();
		}
		return watch;
	}

	@Override
	public synchronized void close() {
		this.closed = true;
		List.copyOf(this.watches).forEach(Watch::close);
	}

	private synchronized void end(Watch watch) {
		this.watches.remove(watch);
		JobChanges running = this.changes;
		if (running != null && this.watches.isEmpty()) {
			this.changes = null;
			running.stop();
		}
	}

}
