package dev.taskqueue.violations.claim;

import org.assertj.core.api.Assertions;

class StepThatUsesTestLibrary {

	void asserts() {
		Assertions.assertThat(new Object()).isNull();
	}

}
