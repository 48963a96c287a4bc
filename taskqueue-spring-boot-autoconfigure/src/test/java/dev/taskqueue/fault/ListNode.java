package dev.taskqueue.fault;

import java.util.List;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import dev.taskqueue.Misfire;
import dev.taskqueue.PeriodicJobProvider;
import dev.taskqueue.PeriodicJobSpec;
import org.bson.Document;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.data.mongodb.core.MongoTemplate;

/** An application whose periodic jobs are those of a list that the test changes. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class ListNode {

	/** The collection with the list, which is one document. */
	static final String LIST = "node_list";

	public static void main(String[] args) {
		SpringApplication.run(ListNode.class, args);
		System.out.println("NODE READY");
	}

	@Bean
	PeriodicJobProvider listed(MongoTemplate mongo) {
		return () -> {
			Document list = mongo.getCollection(LIST).find().first();
			List<String> names = (list != null) ? list.getList("names", String.class) : List.of();
			return names.stream()
				.map((name) -> PeriodicJobSpec.named(name)
					.function("record")
					.every("1s")
					.misfire(Misfire.ALL)
					.maxAttempts(3)
					.build())
				.toList();
		};
	}

	@Bean
	Ticking ticking() {
		return new Ticking();
	}

	static class Ticking {

		@AsyncJob("record")
		public String record(JobContext job) {
			return job.jobId();
		}

	}

}
