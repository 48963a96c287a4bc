package dev.taskqueue.claim;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import dev.taskqueue.lease.WorkerLease;
import org.jspecify.annotations.Nullable;

/**
 * Jobs of this process that are claimed by their own insert: the places that are kept for
 * them, and those that are inserted and wait until the standing orders are read.
 */
final class BornClaims {

	private final WorkerLease lease;

	private final HeldTokens tokens;

	private final Slots slots;

	private final StandingOrders orders;

	private final Wakeups wakeups;

	private final Handover handover;

	private final Consumer<Throwable> onFailure;

	private final BooleanSupplier stopped;

	private final SharedToken sharedToken = new SharedToken();

	/** Jobs that are inserted and wait until the orders are read. */
	private final Queue<Claim> unbegun = new ConcurrentLinkedQueue<>();

	/**
	 * Creates none yet.
	 * @param lease the worker's
	 * @param tokens the worker's
	 * @param slots the worker's
	 * @param orders read by the claimer, which then calls {@link #begin()}
	 * @param wakeups how the claimer is told to read them
	 * @param handover where the jobs go
	 * @param onFailure told of what a job did not begin for
	 * @param stopped whether nobody reads the orders any more
	 */
	BornClaims(WorkerLease lease, HeldTokens tokens, Slots slots, StandingOrders orders, Wakeups wakeups,
			Handover handover, Consumer<Throwable> onFailure, BooleanSupplier stopped) {
		this.lease = lease;
		this.tokens = tokens;
		this.slots = slots;
		this.orders = orders;
		this.wakeups = wakeups;
		this.handover = handover;
		this.onFailure = onFailure;
		this.stopped = stopped;
	}

	/**
	 * Keeps a place for a job that is about to be inserted.
	 * @param queue the job's queue
	 * @param ahead how many claims may wait in line
	 * @return the place; null where the job must wait its turn
	 */
	@Nullable Reservation reserve(String queue, int ahead) {
		if (this.orders.isUnknown() || this.orders.isPaused(queue) || !this.wakeups.isQuiet(queue)
				|| !this.lease.isFresh() || !this.slots.reserve(queue, ahead)) {
			return null;
		}
		// read while the job is inserted, and looked at before it begins
		if (!this.orders.isAsked() && this.orders.isStale(System.nanoTime())) {
			askForOrders();
		}
		String token = this.sharedToken.next(System.nanoTime());
		this.tokens.join(token);
		return new Reservation(queue, this.lease.workerId(), token, this.tokens, this.slots, this::inserted);
	}

	/** The orders were read, or nobody reads them any more. */
	void begin() {
		for (Claim claim = this.unbegun.poll(); claim != null; claim = this.unbegun.poll()) {
			begin(claim);
		}
	}

	/** A job was inserted for a place that was kept for it: its submit has succeeded. */
	private void inserted(Claim claim) {
		if (!this.orders.isStale(System.nanoTime())) {
			begin(claim);
			return;
		}
		// what was asked for when the place was kept is mostly there by now
		this.unbegun.add(claim);
		// read meanwhile, or nobody reads any more
		if (this.stopped.getAsBoolean() || !this.orders.isStale(System.nanoTime())) {
			begin();
		}
		else if (!this.orders.isAsked()) {
			askForOrders();
		}
	}

	private void askForOrders() {
		this.orders.ask();
		this.wakeups.wake();
	}

	private void begin(Claim claim) {
		// not before: while it waits for the orders its place is not another's
		this.slots.unreserve(claim.queue());
		try {
			if (this.orders.isPaused(claim.queue())) {
				this.wakeups.open(claim.queue());
				this.handover.giveBack(claim);
			}
			else if (claim.worker().equals(this.lease.workerId())) {
				this.handover.begin(this.slots.take(List.of(claim)));
			}
			else {
				// fenced meanwhile: others recover it, so it must not begin here
				claim.settle();
			}
		}
		catch (RuntimeException | Error ex) {
			// given back, or an orphan, which this worker gives back
			claim.settle();
			this.onFailure.accept(ex);
		}
	}

}
