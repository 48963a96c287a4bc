package dev.taskqueue.lease;

import java.util.Set;

/**
 * The fields of a document of {@code taskqueue_workers} that the lease writes itself.
 */
final class WorkerFields {

	static final String ID = "_id";

	/** When the server took the last heart-beat, by its own clock. */
	static final String BEAT_AT = "beat_at";

	/** When the server took the first heart-beat. */
	static final String STARTED_AT = "started_at";

	/** How long this worker may stay silent. */
	static final String LEASE_MS = "lease_ms";

	/** True from the moment on at which another node took this worker for lost. */
	static final String FENCED = "fenced";

	/** When that was. */
	static final String FENCED_AT = "fenced_at";

	/** Which worker did it. */
	static final String FENCED_BY = "fenced_by";

	/** No fact that a worker tells of itself may have one of these names. */
	static final Set<String> RESERVED = Set.of(ID, BEAT_AT, STARTED_AT, LEASE_MS, FENCED, FENCED_AT, FENCED_BY);

	private WorkerFields() {
	}

}
