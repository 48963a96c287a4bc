package dev.taskqueue.benchmark;

/**
 * A group of figures that are measured in one run.
 */
interface Suite {

	void run(Settings settings);

}
