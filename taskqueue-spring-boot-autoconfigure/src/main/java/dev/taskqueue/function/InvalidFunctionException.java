package dev.taskqueue.function;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * An {@code @AsyncJob} method that can never work, or two of one name. Stops the
 * start-up.
 */
public class InvalidFunctionException extends RuntimeException {

	private final Kind kind;

	private final String name;

	private final List<String> signatures;

	private final String description;

	private final String action;

	/**
	 * Creates one.
	 * @param kind what is wrong
	 * @param name the function's name
	 * @param signatures the methods concerned, as {@link JobFunction#signature()}
	 * @param description what is wrong, as a sentence
	 * @param action what to do, as a sentence
	 * @param cause the cause, if any
	 */
	public InvalidFunctionException(Kind kind, String name, List<String> signatures, String description, String action,
			@Nullable Throwable cause) {
		super(description + " " + action, cause);
		this.kind = kind;
		this.name = name;
		this.signatures = List.copyOf(signatures);
		this.description = description;
		this.action = action;
	}

	/**
	 * What is wrong.
	 * @return the kind
	 */
	public Kind getKind() {
		return this.kind;
	}

	/**
	 * The function's name.
	 * @return the name, as it was given
	 */
	public String getName() {
		return this.name;
	}

	/**
	 * The methods concerned.
	 * @return signatures such as {@code MailJobs.send(String, int)}
	 */
	public List<String> getSignatures() {
		return this.signatures;
	}

	/**
	 * What is wrong.
	 * @return a sentence for a failure analysis
	 */
	public String getDescription() {
		return this.description;
	}

	/**
	 * What to do.
	 * @return a sentence for a failure analysis
	 */
	public String getAction() {
		return this.action;
	}

	/** What is wrong with a function. */
	public enum Kind {

		/** Two functions have one name. */
		DUPLICATE,

		/** The name cannot be one. */
		NAME,

		/** The method cannot be called as a function. */
		SIGNATURE,

		/** An attribute of the annotation has a value that cannot be. */
		ATTRIBUTE

	}

}
