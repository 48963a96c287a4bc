package dev.taskqueue.autoconfigure;

import dev.taskqueue.claim.Reservation;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.submit.LocalWorker;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;

/**
 * The worker that submits of this application turn to, if it has one.
 */
final class RunningWorker implements LocalWorker {

	private final ObjectProvider<WorkerLifecycle> worker;

	RunningWorker(ObjectProvider<WorkerLifecycle> worker) {
		this.worker = worker;
	}

	@Override
	public void wakeUp(String queue) {
		this.worker.ifAvailable((running) -> running.wakeUp(queue));
	}

	@Override
	public @Nullable Place reserve(String queue, String function) {
		WorkerLifecycle running = this.worker.getIfAvailable();
		Reservation reservation = (running != null) ? running.reserve(queue, function) : null;
		return (reservation != null) ? new ReservedPlace(reservation) : null;
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
