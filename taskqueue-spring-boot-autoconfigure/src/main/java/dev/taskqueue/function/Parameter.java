package dev.taskqueue.function;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * A parameter of a function.
 *
 * @param name the name, or null if the class was compiled without {@code -parameters}
 * @param kind where its value comes from
 * @param type the declared type with its generics resolved; of {@code String...} the
 * array
 * @param isOptional whether it may be left out
 * @param isVarArgs whether it takes all that is left
 */
record Parameter(@Nullable String name, Kind kind, JavaType type, boolean isOptional, boolean isVarArgs) {

	boolean isRequired() {
		return this.kind == Kind.ARGUMENT && !this.isOptional && !this.isVarArgs;
	}

	String typeText() {
		return (this.isVarArgs) ? ArgumentMapper.text(this.type.getContentType()) + "..."
				: ArgumentMapper.text(this.type);
	}

	/** For messages: {@code int count}, or only the type. */
	String text() {
		return (this.name != null) ? typeText() + " " + this.name : typeText();
	}

	enum Kind {

		ARGUMENT, APPLICATION_CONTEXT, JOB_CONTEXT

	}

}
