package dev.taskqueue.autoconfigure;

import java.util.function.Consumer;

import dev.taskqueue.claim.Reservation;
import dev.taskqueue.steer.SteeredWorker;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.submit.LocalWorker;
import dev.taskqueue.worker.Worker;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.function.SingletonSupplier;

/**
 * The worker that submits and decisions of this application turn to, if it has one.
 */
final class RunningWorker implements LocalWorker, SteeredWorker {

	/** Asked once: to look for a bean costs as much as a submit. */
	private final SingletonSupplier<WorkerLifecycle> worker;

	RunningWorker(ObjectProvider<WorkerLifecycle> worker) {
		this.worker = SingletonSupplier.ofNullable(worker::getIfAvailable);
	}

	RunningWorker(WorkerLifecycle worker) {
		this.worker = SingletonSupplier.of(worker);
	}

	@Override
	public void wakeUp(String queue) {
		WorkerLifecycle running = this.worker.get();
		if (running != null) {
			running.wakeUp(queue);
		}
	}

	@Override
	public @Nullable Place reserve(String queue, String function) {
		WorkerLifecycle running = this.worker.get();
		Reservation reservation = (running != null) ? running.reserve(queue, function) : null;
		return (reservation != null) ? new ReservedPlace(reservation) : null;
	}

	@Override
	public void cancel(Object id, @Nullable String claim) {
		if (claim != null) {
			with((worker) -> worker.cancel(id, claim));
		}
	}

	@Override
	public void lookForCancellations() {
		with(Worker::lookForCancellations);
	}

	@Override
	public void ordersChanged() {
		with(Worker::ordersChanged);
	}

	private void with(Consumer<Worker> action) {
		WorkerLifecycle running = this.worker.get();
		if (running != null) {
			running.with(action);
		}
	}

	private record ReservedPlace(Reservation reservation) implements Place {

		@Override
		public String worker() {
			return this.reservation.worker();
		}

		@Override
		public String token() {
			return this.reservation.token();
		}

		@Override
		public void begin(Document job) {
			this.reservation.begin(new JobDocument(job));
		}

		@Override
		public void giveUp(Object id, boolean mayExist) {
			this.reservation.giveUp(id, mayExist);
		}

	}

}
