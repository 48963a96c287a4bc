package dev.taskqueue.fault;

import java.util.List;

import org.springframework.boot.test.system.CapturedOutput;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What nodes in this JVM wrote of an outage.
 */
final class NodeLog {

	private static final String BEGIN = "MongoDB fails at";

	private static final String END = "MongoDB works again";

	private final List<String> lines;

	NodeLog(CapturedOutput output) {
		this.lines = output.toString().lines().toList();
	}

	/** Lines of our own that tell of trouble or of its end. */
	List<String> ofOutages() {
		return this.lines.stream().filter((line) -> line.contains(BEGIN) || line.contains(END)).toList();
	}

	/** Nothing beside the beginning and the end of an outage, each said once. */
	void saysOnceThatItBeganAndOnceThatItIsOver(int nodes) {
		assertThat(ofOutages().stream().filter((line) -> line.contains(BEGIN))).hasSize(nodes);
		assertThat(ofOutages().stream().filter((line) -> line.contains(END))).hasSize(nodes);
		isQuiet();
	}

	/** Warnings and errors of ours, but those of outages. */
	List<String> trouble() {
		return this.lines.stream()
			.filter((line) -> line.contains(" dev.taskqueue.") || line.contains(" d.t."))
			.filter((line) -> line.contains(" WARN ") || line.contains(" ERROR "))
			.filter((line) -> !line.contains(BEGIN))
			.toList();
	}

	/** Lines of ours with this text. */
	long count(String text) {
		return this.lines.stream().filter((line) -> line.contains(text)).count();
	}

	/** No error, no stack trace of ours, and each outage that began is over. */
	void isQuiet() {
		assertThat(this.lines).noneMatch((line) -> line.startsWith("\tat dev.taskqueue."));
		assertThat(trouble()).isEmpty();
		assertThat(ofOutages()).hasSizeLessThanOrEqualTo(6);
	}

}
