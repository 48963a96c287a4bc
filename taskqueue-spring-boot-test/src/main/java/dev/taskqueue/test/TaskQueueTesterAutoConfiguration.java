package dev.taskqueue.test;

import java.time.Clock;

import dev.taskqueue.TaskQueue;
import dev.taskqueue.autoconfigure.TaskQueueAutoConfiguration;
import dev.taskqueue.autoconfigure.TaskQueueInlineAutoConfiguration;
import dev.taskqueue.autoconfigure.TaskQueueProperties;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.inline.InlineTaskQueue;
import dev.taskqueue.store.TaskQueueDatabase;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the {@link TaskQueueTester}, for tests that ask for it.
 */
@AutoConfiguration(after = { TaskQueueAutoConfiguration.class, TaskQueueInlineAutoConfiguration.class })
public final class TaskQueueTesterAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(Clock.class)
	MovableClock taskQueueClock() {
		return new MovableClock();
	}

	@Bean
	@ConditionalOnBean(InlineTaskQueue.class)
	@ConditionalOnMissingBean
	TaskQueueTester taskQueueTester(InlineTaskQueue queue, ObjectProvider<Clock> clock, ArgumentMapper mapper) {
		return new TaskQueueTester(queue, new InlineJobRuns(queue), clock::getIfUnique, new StoredForm(mapper));
	}

	@Bean
	@ConditionalOnBean(TaskQueueDatabase.class)
	@ConditionalOnMissingBean
	WorkerJobRuns taskQueueWorkerJobRuns(TaskQueue queue, TaskQueueDatabase database, ObjectProvider<Clock> clock,
			TaskQueueProperties properties) {
		return new WorkerJobRuns(queue, database, clock.getIfUnique(Clock::systemUTC), properties);
	}

	@Bean
	@ConditionalOnBean(WorkerJobRuns.class)
	@ConditionalOnMissingBean
	TaskQueueTester workerTaskQueueTester(TaskQueue queue, WorkerJobRuns runs, ObjectProvider<Clock> clock,
			ArgumentMapper mapper) {
		return new TaskQueueTester(queue, runs, clock::getIfUnique, new StoredForm(mapper));
	}

}
