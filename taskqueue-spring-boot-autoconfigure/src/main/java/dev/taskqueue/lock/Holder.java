package dev.taskqueue.lock;

import java.util.Date;
import java.util.Objects;

import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Who has a lock, as its document was read: a job by a claim, or a job that it is
 * promised to.
 *
 * @param key the id of the document
 * @param job the id of the job as stored
 * @param claim the token of the attempt; null for a promise
 * @param until the end of the promise
 */
record Holder(String key, @Nullable Object job, @Nullable String claim, @Nullable Date until) {

	static final String ID = "_id";

	private static final String JOB = "job";

	private static final String CLAIM = "claim";

	private static final String UNTIL = "until";

	static Holder by(String key, Object job, String claim) {
		return new Holder(key, job, claim, null);
	}

	static Holder promisedTo(String key, Object job, Date until) {
		return new Holder(key, job, null, until);
	}

	static Holder of(Document lock) {
		return new Holder(String.valueOf(lock.get(ID)), lock.get(JOB),
				(lock.get(CLAIM) instanceof String claim) ? claim : null,
				(lock.get(UNTIL) instanceof Date until) ? until : null);
	}

	boolean isPromise() {
		return this.claim == null;
	}

	boolean isPromisedTo(Object other) {
		return isPromise() && Objects.equals(this.job, other);
	}

	/** Matches as long as nobody has written it since. */
	Bson asRead() {
		return new Document(ID, this.key).append(JOB, new Document("$eq", this.job))
			.append(CLAIM, this.claim)
			.append(UNTIL, this.until);
	}

	Document toDocument() {
		Document document = new Document(ID, this.key).append(JOB, this.job);
		return isPromise() ? document.append(UNTIL, this.until) : document.append(CLAIM, this.claim);
	}

}
