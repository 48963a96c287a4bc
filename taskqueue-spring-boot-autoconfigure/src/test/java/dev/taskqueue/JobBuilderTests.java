package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.Mockito.mock;

class JobBuilderTests {

	@Test
	void builderOfAJobHasAllOfItAndLeavesItAsItIs() {
		JobSpec job = builder().delay(Duration.ofSeconds(1)).spec();
		JobSpec later = builder().at(Instant.EPOCH).spec();

		JobSpec changed = JobBuilder.of(job).queue("slow").spec();

		assertThat(JobBuilder.of(job).spec()).isEqualTo(job);
		assertThat(JobBuilder.of(later).spec()).isEqualTo(later);
		assertThat(changed.queue()).isEqualTo("slow");
		assertThat(job.queue()).isEqualTo("fast");
		assertThat(JobSpec.class.getRecordComponents()).as("components that this test and JobBuilder.of know")
			.hasSize(16);
	}

	@Test
	void builderOfAJobSubmitsNothing() {
		assertThatIllegalStateException().isThrownBy(() -> JobBuilder.of(builder().spec()).enqueue())
			.withMessageContaining("Submit its spec()");
	}

	private static JobBuilder builder() {
		List<@Nullable Object> params = new ArrayList<>(List.of(1, "two"));
		return new JobBuilder("work", params, mock(TaskQueue.class)).kwarg("name", "value")
			.queue("fast")
			.priority(3)
			.maxAttempts(4)
			.timeout(Duration.ofSeconds(5))
			.id("id")
			.expiresIn(Duration.ofSeconds(6))
			.uniqueKey("key")
			.uniqueFor(Duration.ofSeconds(7))
			.onDuplicate(OnDuplicate.THROW)
			.afterCommit()
			.lock("lock");
	}

}
