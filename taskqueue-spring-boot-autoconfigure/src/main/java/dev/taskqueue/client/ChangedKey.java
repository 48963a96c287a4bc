package dev.taskqueue.client;

import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.function.JobFunction;
import dev.taskqueue.store.JobDocument;
import dev.taskqueue.store.UnreadableDocumentException;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * The unique key of a job whose arguments are changed: one that its function made of them
 * follows them, one of the job's own stays.
 */
public final class ChangedKey {

	private ChangedKey() {
	}

	/**
	 * The key that a job is to have.
	 * @param job with its function, arguments and key
	 * @param set the fields that are to be different
	 * @param functions those of this application
	 * @return the key, or null where it stays, or there is none
	 * @throws IllegalArgumentException if the new arguments give none, or if this
	 * application does not have the function that may have made the old one
	 */
	public static @Nullable String of(Document job, Document set, FunctionRegistry functions) {
		boolean isOfArguments = set.containsKey(JobDocument.PARAMS) || set.containsKey(JobDocument.KWARGS);
		if (!isOfArguments || !(job.get(JobDocument.UNIQUE_KEY) instanceof String key)
				|| !(job.get(JobDocument.FUNCTION) instanceof String name)) {
			return null;
		}
		JobFunction function = functions.find(name);
		if (function == null) {
			if (key.startsWith(name + ":")) {
				throw new IllegalArgumentException("The job's unique key '" + key
						+ "' may follow from its arguments, and this application does not have its function '" + name
						+ "' to tell. Change the arguments by an application that has it.");
			}
			return null;
		}
		if (!key.equals(keyBefore(function, job))) {
			return null;
		}
		Document changed = new Document(job);
		changed.putAll(set);
		String changedKey = key(function, changed);
		return key.equals(changedKey) ? null : changedKey;
	}

	/** Arguments that never fitted have given none. */
	private static @Nullable String keyBefore(JobFunction function, Document job) {
		try {
			return key(function, job);
		}
		catch (IllegalArgumentException | UnreadableDocumentException ex) {
			return null;
		}
	}

	private static @Nullable String key(JobFunction function, Document job) {
		JobDocument stored = new JobDocument(job);
		return function.uniqueKey(stored.params(), stored.kwargs());
	}

}
