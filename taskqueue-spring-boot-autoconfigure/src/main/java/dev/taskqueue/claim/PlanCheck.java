package dev.taskqueue.claim;

import org.bson.Document;

/**
 * Reads the server's plan of the claim query: it must walk the claim index in order, with
 * no sort and no other index.
 */
final class PlanCheck {

	private static final String INDEX = "queue_1_function_1_priority_-1_run_at_1";

	private PlanCheck() {
	}

	/**
	 * What is wrong with a plan.
	 * @param explained the reply of {@code explain}
	 * @return a sentence, or an empty text when nothing is wrong
	 */
	static String problem(Document explained) {
		String plan = explained.toJson();
		if (plan.contains("\"stage\": \"SORT\"") || !plan.contains('"' + INDEX + '"')) {
			return "Due jobs are not found by the index '" + INDEX
					+ "', which makes claiming slow. Create it (taskqueue.mongodb.create-indexes=true) or look at "
					+ "the plan of the query with explain()";
		}
		return "";
	}

}
