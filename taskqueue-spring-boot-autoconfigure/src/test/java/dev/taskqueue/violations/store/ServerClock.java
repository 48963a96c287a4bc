package dev.taskqueue.violations.store;

import java.time.Instant;

class ServerClock {

	Instant mayRead() {
		return Instant.now();
	}

}
