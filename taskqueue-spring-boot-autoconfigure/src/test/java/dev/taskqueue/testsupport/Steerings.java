package dev.taskqueue.testsupport;

import java.time.Clock;
import java.time.Duration;

import dev.taskqueue.steer.SteeredWorker;
import dev.taskqueue.steer.Steering;
import dev.taskqueue.store.Retention;
import dev.taskqueue.store.TaskQueueDatabase;
import org.jspecify.annotations.Nullable;

/**
 * Decides about jobs as an application without a worker does.
 */
public final class Steerings {

	private static final SteeredWorker NO_WORKER = new SteeredWorker() {

		@Override
		public void wakeUp(String queue) {
			// none works here
		}

		@Override
		public void cancel(Object id, @Nullable String claim) {
			// none works here
		}

		@Override
		public void lookForCancellations() {
			// none works here
		}

		@Override
		public void ordersChanged() {
			// none works here
		}

	};

	private Steerings() {
	}

	public static Steering on(TaskQueueDatabase database, Clock serverClock) {
		return new Steering(database, serverClock,
				new Retention(Duration.ofDays(1), Duration.ofDays(30), Duration.ofDays(7), Duration.ofDays(7)),
				1_000_000, NO_WORKER, (event) -> {
				});
	}

}
