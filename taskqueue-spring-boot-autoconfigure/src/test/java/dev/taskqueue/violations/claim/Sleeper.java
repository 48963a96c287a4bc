package dev.taskqueue.violations.claim;

import java.util.concurrent.TimeUnit;

class Sleeper {

	void sleeps() throws InterruptedException {
		Thread.sleep(1);
	}

	void sleepsByUnit() throws InterruptedException {
		TimeUnit.MILLISECONDS.sleep(1);
	}

}
