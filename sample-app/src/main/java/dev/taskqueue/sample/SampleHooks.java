package dev.taskqueue.sample;

import java.time.Duration;

import dev.taskqueue.EnqueueInterceptor;
import dev.taskqueue.JobBuilder;
import dev.taskqueue.JobInterceptor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Beans that see each job of this application: before it is submitted, and around each
 * attempt.
 */
@Configuration(proxyBeanMethods = false)
class SampleHooks {

	private static final Logger logger = LoggerFactory.getLogger(SampleHooks.class);

	private static final Duration LONG = Duration.ofSeconds(1);

	@Bean
	EnqueueInterceptor reportsBehindOthers() {
		return (job) -> job.function().equals("make_report") ? JobBuilder.of(job).priority(-1).spec() : job;
	}

	@Bean
	JobInterceptor stopwatch() {
		return (job, next) -> {
			long began = System.nanoTime();
			try {
				return next.proceed();
			}
			finally {
				Duration took = Duration.ofNanos(System.nanoTime() - began);
				if (took.compareTo(LONG) > 0) {
					logger.info("an attempt of {} took {} ms", job.function(), took.toMillis());
				}
			}
		};
	}

}
