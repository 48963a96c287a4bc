package dev.taskqueue.sample;

import java.util.List;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.PeriodicJobProvider;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.PeriodicJobs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;

/**
 * One function that runs periodically for several topics: one is added while the
 * application runs, some come from a bean whose list may change, some from the file
 * {@code periodic.yaml}.
 */
@Component
public class DigestJobs implements ApplicationRunner {

	private static final Logger logger = LoggerFactory.getLogger(DigestJobs.class);

	private final PeriodicJobs periodicJobs;

	private volatile String newsId = "";

	public DigestJobs(PeriodicJobs periodicJobs) {
		this.periodicJobs = periodicJobs;
	}

	@AsyncJob("send_digest")
	public String send(String topic) {
		logger.info("send_digest of {}", topic);
		return "digest of " + topic;
	}

	@Bean
	static PeriodicJobProvider subscriptions() {
		return () -> List.of(digest("sport").every("30s").build(), digest("music").cron("0 8 * * sat").build());
	}

	@Override
	public void run(ApplicationArguments args) {
		// may be called at each start: a job that is the same is left alone
		this.periodicJobs.add(digest("news").cron("0 7 * * *").build());
		this.newsId = this.periodicJobs.trigger("digest-news").id();
	}

	private static PeriodicJobBuilder digest(String topic) {
		return PeriodicJobSpec.named("digest-" + topic).function("send_digest", topic);
	}

	/** The job that was run at once, whatever the schedule says. */
	String newsId() {
		return this.newsId;
	}

}
