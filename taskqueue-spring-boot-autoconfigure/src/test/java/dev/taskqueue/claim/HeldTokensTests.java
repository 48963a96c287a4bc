package dev.taskqueue.claim;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HeldTokensTests {

	private final HeldTokens tokens = new HeldTokens();

	@Test
	void holdsATokenFromBeforeTheCommandUntilItsLastJobIsSettled() {
		this.tokens.register("t");
		assertThat(this.tokens.contains("t", "id")).isTrue();

		this.tokens.claimed("t", 2);
		this.tokens.settle("t");
		assertThat(this.tokens.contains("t", "id")).isTrue();
		this.tokens.settle("t");

		assertThat(this.tokens.contains("t", "id")).isFalse();
	}

	@Test
	void forgetsATokenThatTookNothing() {
		this.tokens.register("t");

		this.tokens.claimed("t", 0);

		assertThat(this.tokens.contains("t", "id")).isFalse();
	}

	@Test
	void tokenThatManySharedIsHeldUntilTheLastIsSettled() {
		this.tokens.join("t");
		this.tokens.join("t");
		this.tokens.settle("t");
		assertThat(this.tokens.contains("t", "id")).isTrue();

		this.tokens.settle("t");

		assertThat(this.tokens.contains("t", "id")).isFalse();
	}

	@Test
	void lostJobIsNotHeldThoughItsTokenIs() {
		this.tokens.join("t");
		this.tokens.join("t");

		this.tokens.lose("t", "lost");

		assertThat(this.tokens.contains("t", "lost")).isFalse();
		assertThat(this.tokens.contains("t", "other")).isTrue();
	}

}
