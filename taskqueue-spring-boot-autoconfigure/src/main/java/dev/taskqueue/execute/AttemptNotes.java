package dev.taskqueue.execute;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

import dev.taskqueue.claim.Claim;
import dev.taskqueue.store.JobDocument;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt says of itself: how far it has come, and the last lines of the job's
 * log. It is kept here as a whole, so that to write it again changes nothing: what is not
 * known to be stored when the attempt ends is written once more, together with the
 * outcome.
 */
final class AttemptNotes {

	/** So many lines are kept, the lines of earlier attempts included. */
	static final int MOST_LINES = 100;

	/** And of these no more than so many bytes. */
	static final int MOST_BYTES = 32 * 1024;

	static final int LONGEST_LINE = 2 * 1024;

	static final int LONGEST_MESSAGE = 500;

	private static final String INFO = "info";

	/** What a line takes besides its text. */
	private static final int LINE = 50;

	private final Claim claim;

	private final NoteWriter writer;

	private final Clock clock;

	private int percent;

	private @Nullable String message;

	private final Deque<Document> lines = new ArrayDeque<>();

	private int bytes;

	private int progressVersion;

	private int progressStored;

	private int logVersion;

	private int logStored;

	private boolean closed;

	AttemptNotes(Claim claim, NoteWriter writer, Clock clock) {
		this.claim = claim;
		this.writer = writer;
		this.clock = clock;
		if (claim.job().document().get(JobDocument.LOG) instanceof List<?> earlier) {
			earlier.forEach((line) -> {
				if (line instanceof Document document && document.get("at") instanceof Date at
						&& document.get("message") instanceof String text) {
					add(at, (document.get("level") instanceof String level) ? level : INFO, text);
				}
			});
		}
	}

	synchronized void progress(int percent, @Nullable String message) {
		int capped = Math.max(0, Math.min(100, percent));
		String cut = (message != null) ? cut(message, LONGEST_MESSAGE) : null;
		if (this.progressVersion == 0 || capped != this.percent || !Objects.equals(cut, this.message)) {
			this.percent = capped;
			this.message = cut;
			this.progressVersion++;
			changed();
		}
	}

	synchronized void progress(int percent) {
		progress(percent, this.message);
	}

	synchronized void advance(int percent) {
		progress((int) Math.max(0, Math.min(100, (long) this.percent + percent)));
	}

	synchronized void log(String line) {
		add(Date.from(this.clock.instant()), INFO, cut(line, LONGEST_LINE));
		this.logVersion++;
		changed();
	}

	/** What is to be written, or null for nothing. */
	synchronized @Nullable Snapshot snapshot() {
		Document fields = this.closed ? new Document() : fields();
		return fields.isEmpty() ? null : new Snapshot(this, fields, this.progressVersion, this.logVersion);
	}

	/**
	 * Ends it: what is said from now on is said by nobody.
	 * @return what is not known to be stored, or null for nothing
	 */
	synchronized @Nullable Document close() {
		this.closed = true;
		Document fields = fields();
		return fields.isEmpty() ? null : fields;
	}

	Claim claim() {
		return this.claim;
	}

	private synchronized void stored(Snapshot snapshot) {
		this.progressStored = Math.max(this.progressStored, snapshot.progressVersion);
		this.logStored = Math.max(this.logStored, snapshot.logVersion);
	}

	private Document fields() {
		Document fields = new Document();
		if (this.progressVersion > this.progressStored) {
			Document progress = new Document("percent", this.percent);
			fields.append(JobDocument.PROGRESS,
					(this.message != null) ? progress.append("message", this.message) : progress);
		}
		if (this.logVersion > this.logStored) {
			fields.append(JobDocument.LOG, new ArrayList<>(this.lines));
		}
		return fields;
	}

	private void add(Date at, String level, String text) {
		this.lines.add(new Document("at", at).append("level", level).append("message", text));
		this.bytes += size(text);
		while (this.lines.size() > MOST_LINES || this.bytes > MOST_BYTES) {
			this.bytes -= size(this.lines.remove().getString("message"));
		}
	}

	private static int size(String text) {
		return LINE + text.getBytes(StandardCharsets.UTF_8).length;
	}

	private void changed() {
		if (!this.closed) {
			this.writer.changed(this);
		}
	}

	private static String cut(String text, int limit) {
		if (text.length() <= limit) {
			return text;
		}
		int end = Character.isHighSurrogate(text.charAt(limit - 2)) ? limit - 2 : limit - 1;
		return text.substring(0, end) + "…";
	}

	/**
	 * What was to be written at a moment.
	 */
	record Snapshot(AttemptNotes notes, Document fields, int progressVersion, int logVersion) {

		/** It is stored, or never will be. */
		void done() {
			this.notes.stored(this);
		}

	}

}
