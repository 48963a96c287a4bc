package dev.taskqueue.submit;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobCall;
import org.junit.jupiter.api.Test;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class CallRecorderTests {

	private final CallRecorder recorder = new CallRecorder();

	@Test
	void recordsTheMethodAndItsArgumentsWithoutRunningIt() throws Exception {
		RecordedCall call = this.recorder.record(MailJobs.class, (mail) -> mail.send("you@example.com", 3));

		assertThat(call.type()).isEqualTo(MailJobs.class);
		assertThat(call.method()).isEqualTo(MailJobs.class.getDeclaredMethod("send", String.class, int.class));
		assertThat(call.args()).containsExactly("you@example.com", 3);
	}

	@Test
	void recordsACallOfAnInterface() {
		RecordedCall call = this.recorder.record(Reports.class, (reports) -> reports.print("x"));

		assertThat(call.method().getName()).isEqualTo("print");
	}

	@Test
	void recordsAnInheritedMethodAndANullArgument() {
		RecordedCall call = this.recorder.record(SpecialMailJobs.class, (mail) -> mail.send(null, 1));

		assertThat(call.type()).isEqualTo(SpecialMailJobs.class);
		assertThat(call.args()).containsExactly(null, 1);
	}

	@Test
	void recordsForEachThreadAndNestedLambdaByItself() {
		AtomicReference<@Nullable RecordedCall> inner = new AtomicReference<>();

		RecordedCall outer = this.recorder.record(MailJobs.class, (mail) -> {
			inner.set(this.recorder.record(Reports.class, (reports) -> reports.print("inner")));
			mail.count();
		});

		assertThat(outer.method().getName()).isEqualTo("count");
		assertThat(inner.get()).isNotNull().satisfies((call) -> assertThat(call.args()).containsExactly("inner"));
	}

	@Test
	void refusesALambdaThatCallsNothing() {
		refuses(MailJobs.class, (mail) -> {
		}, "recorded no call");
	}

	@Test
	void refusesTwoCallsEvenIfTheLambdaCatchesIt() {
		refuses(MailJobs.class, (mail) -> {
			mail.count();
			try {
				mail.send("x", 1);
			}
			catch (IllegalArgumentException ex) {
				assertThat(ex).isNotNull();
			}
		}, "called count, then send");
	}

	@Test
	void refusesAMethodOfObject() {
		refuses(MailJobs.class, (mail) -> assertThat(mail.toString()).isNull(), "called toString() of Object");
		refuses(MailJobs.class, (mail) -> assertThat(String.valueOf(mail.hashCode())).isNotEmpty(), "recorded no call");
	}

	@Test
	void refusesAFinalMethodBeforeItRuns() {
		refuses(WithFinalMethod.class, WithFinalMethod::send, "WithFinalMethod.send is final");

		assertThat(WithFinalMethod.ran).isFalse();
	}

	@Test
	void acceptsAProtectedFinalMethodOfABaseClass() {
		RecordedCall call = this.recorder.record(FromBase.class, FromBase::work);

		assertThat(call.method().getName()).isEqualTo("work");
	}

	@Test
	void refusesClassesThatCannotBeStoodInFor() {
		refuses(FinalJobs.class, FinalJobs::run, "is final");
		refuses(RecordJobs.class, RecordJobs::run, "is a record");
		refuses(PrivateJobs.class, PrivateJobs::run, "no stand-in");
		refuses(int[].class, (array) -> {
		}, "no type of a bean");
	}

	@Test
	void refusesALambdaThatThrows() {
		refuses(MailJobs.class, (mail) -> {
			throw new IllegalStateException("why");
		}, "threw java.lang.IllegalStateException: why");
	}

	@Test
	void refusesACallAfterTheRecording() {
		AtomicReference<@Nullable MailJobs> kept = new AtomicReference<>();
		this.recorder.record(MailJobs.class, (mail) -> {
			kept.set(mail);
			mail.count();
		});
		MailJobs standIn = Objects.requireNonNull(kept.get());

		assertThatIllegalArgumentException().isThrownBy(standIn::count)
			.withMessageContaining("after its recording had ended");
	}

	private <B> void refuses(Class<B> type, JobCall<B> call, String reason) {
		assertThatIllegalArgumentException().isThrownBy(() -> this.recorder.record(type, call))
			.withMessageContaining(reason);
	}

	interface Reports {

		void print(String name);

	}

	static class MailJobs {

		private final StringBuilder sent;

		MailJobs(StringBuilder sent) {
			this.sent = sent;
		}

		@AsyncJob
		void send(@Nullable String to, int times) {
			this.sent.append(to).append(times);
		}

		int count() {
			return this.sent.length();
		}

	}

	static class SpecialMailJobs extends MailJobs {

		SpecialMailJobs() {
			super(new StringBuilder());
		}

	}

	static class WithFinalMethod {

		static boolean ran;

		final void send() {
			ran = true;
		}

	}

	abstract static class Base {

		protected final void log() {
		}

	}

	static class FromBase extends Base {

		void work() {
			log();
		}

	}

	static final class FinalJobs {

		void run() {
		}

	}

	record RecordJobs() {

		void run() {
		}

	}

	private static class PrivateJobs {

		void run() {
		}

	}

}
