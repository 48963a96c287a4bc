package dev.taskqueue.trial;

import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import com.mongodb.MongoException;
import com.mongodb.client.MongoDatabase;
import dev.taskqueue.TaskQueueException;
import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.Keyed;
import dev.taskqueue.history.Entry.Submitting;
import dev.taskqueue.history.HistoryFile;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.submit.Submitter;
import org.bson.Document;
import org.bson.types.ObjectId;

/**
 * What a worker submits itself, under ids as the queue makes them, so that it may claim
 * these jobs by their own insert.
 */
final class OwnSubmits implements Runnable {

	private static final Duration PAUSE = Duration.ofMillis(100);

	private static final int MILLIS = 5;

	private final HistoryFile history;

	private final Submitter submitter;

	/** As the queue tells the time: this machine's may be wrong by an hour. */
	private final ServerClock clock;

	private int submits;

	private volatile boolean stopped;

	OwnSubmits(HistoryFile history, Submitter submitter, MongoDatabase database) {
		this.history = history;
		this.submitter = submitter;
		this.clock = new ServerClock(() -> database.runCommand(new Document("hello", 1)));
	}

	void stop() {
		this.stopped = true;
	}

	@Override
	public void run() {
		while (!this.stopped) {
			try {
				submit(this.clock.date());
			}
			catch (MongoException ex) {
				// the first question for the time: nothing was submitted yet
			}
			LockSupport.parkNanos(this, PAUSE.toNanos());
		}
	}

	private void submit(Date now) {
		ObjectId id = new ObjectId();
		String process = this.history.process();
		// each third may be revoked, and each third paused
		int turn = this.submits++ % 3;
		String function = (turn == 1) ? Functions.REVOCABLE : Functions.WORK;
		Document job = new Document("_id", id).append("function", function)
			.append("params", List.of(MILLIS, 0))
			.append("queue", (turn == 2) ? WorkerApplication.PAUSABLE_QUEUE : "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", now)
			.append("created_at", now);
		this.history.append(new Submitting(HistoryFile.now(), process, id.toHexString(), function, 0, 0));
		if (turn == 0) {
			// one of the keys of all processes
			String key = SubmittingApplication.KEY + this.submits % SubmittingApplication.KEYS;
			job.append("unique_key", key);
			this.history.append(new Keyed(HistoryFile.now(), process, id.toHexString(), key, 0));
		}
		Answer answer = Answer.UNKNOWN;
		String message = "";
		try {
			answer = this.submitter.submit(job).isDuplicate() ? Answer.REFUSED : Answer.ACKNOWLEDGED;
		}
		catch (TaskQueueException ex) {
			message = String.valueOf(ex.getMessage());
			answer = SubmittingApplication.answer(message);
		}
		catch (RuntimeException | Error ex) {
			// the application ends, or an error of the trial's own
			message = ex.toString();
		}
		this.history.append(new Answered(HistoryFile.now(), process, id.toHexString(), answer, message));
	}

}
