package dev.taskqueue.claim;

import java.time.Instant;
import java.util.Collection;
import java.util.List;

import com.mongodb.MongoWriteException;
import dev.taskqueue.lease.WorkerLease;
import dev.taskqueue.store.CrashPoint;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UnreadableDocumentException;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Claims jobs that were found due, by one conditional write. Knows what to do where its
 * reply is lost and where the server refuses one of them.
 */
final class BatchClaim {

	private final ClaimQuery query;

	private final Strays strays;

	private final WorkerLease lease;

	private final HeldTokens tokens;

	private final Slots slots;

	private final Handover handover;

	private @Nullable Unresolved unresolved;

	/** So many jobs are still to be claimed one by one. */
	private int single;

	BatchClaim(ClaimQuery query, Strays strays, WorkerLease lease, HeldTokens tokens, Slots slots, Handover handover) {
		this.query = query;
		this.strays = strays;
		this.lease = lease;
		this.tokens = tokens;
		this.slots = slots;
		this.handover = handover;
	}

	/**
	 * How many the next batch may have.
	 * @param limit how many there is room for
	 * @return that, or 1 while one that the server refuses is looked for
	 */
	int size(int limit) {
		int size = (this.single > 0) ? 1 : limit;
		this.single = Math.max(0, this.single - 1);
		return size;
	}

	/** Whether some of a batch that was refused are still to be claimed, one by one. */
	boolean isUnfinished() {
		return this.single > 0;
	}

	/**
	 * Claims jobs and begins those that have a slot.
	 * @param found due and readable jobs, not none
	 * @param now the server's time
	 * @return how many were taken, or will be
	 */
	int claim(List<JobDocument> found, Instant now) {
		List<Object> ids = found.stream().map(JobDocument::id).toList();
		String token = new ObjectId().toHexString();
		String worker = this.lease.workerId();
		this.tokens.register(token);
		this.unresolved = new Unresolved(ids, token, worker);
		CrashPoint.CLAIM_REGISTERED.reached();
		// A job that was claimed before keeps its last token, and may have changed since
		// the find by way of another attempt, or by who changed it while it was pending;
		// one that has no token is as it was read.
		boolean neverClaimed = found.stream().allMatch((job) -> job.document().get(JobDocument.CLAIM) == null);
		long taken;
		try {
			taken = this.query.claim(ids, worker, token, now, neverClaimed);
			CrashPoint.CLAIM_WRITTEN.reached();
		}
		catch (MongoWriteException ex) {
			return claimAroundRefused(found, ex, now);
		}
		boolean asRead = taken == ids.size() && neverClaimed;
		List<JobDocument> claimed = List.of();
		if (taken > 0) {
			claimed = asRead ? found : this.query.findClaimed(ids, token);
		}
		this.unresolved = null;
		begin(claimed, worker, token);
		return claimed.size();
	}

	/** A claim whose reply was lost may have succeeded: asks before claiming again. */
	void resolve() {
		Unresolved claim = this.unresolved;
		if (claim == null) {
			return;
		}
		List<JobDocument> claimed = this.query.findClaimed(claim.ids, claim.token);
		this.unresolved = null;
		begin(claimed, claim.worker, claim.token);
	}

	/**
	 * The server refuses to write one of the jobs: those before it are taken, and all go
	 * one by one from here until the one is found and set aside.
	 */
	private int claimAroundRefused(List<JobDocument> found, MongoWriteException refusal, Instant now) {
		resolve();
		if (found.size() > 1) {
			this.single = found.size();
		}
		else {
			this.strays.setAside(found.get(0), new UnreadableDocumentException(JobDocument.ID, found.get(0).id(),
					"a document that can be updated (" + refusal.getMessage() + ")"), now);
		}
		return found.size();
	}

	private void begin(Collection<JobDocument> jobs, String worker, String token) {
		if (!worker.equals(this.lease.workerId())) {
			// fenced meanwhile: others recover these jobs, so they must not begin here
			this.tokens.claimed(token, 0);
			return;
		}
		List<Claim> started;
		try {
			this.tokens.claimed(token, jobs.size());
			started = this.slots
				.take(jobs.stream().map((job) -> new Claim(job, worker, token, this.slots, this.tokens)).toList());
		}
		catch (RuntimeException | Error ex) {
			// no memory, perhaps: under a token that is not held they are orphans, which
			// this worker gives back
			this.tokens.claimed(token, 0);
			throw ex;
		}
		this.handover.begin(started);
	}

	/** A claim command whose reply is not known. */
	private record Unresolved(List<Object> ids, String token, String worker) {
	}

}
