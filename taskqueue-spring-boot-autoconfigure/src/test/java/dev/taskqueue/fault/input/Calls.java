package dev.taskqueue.fault.input;

import java.util.List;
import java.util.Map;

import dev.taskqueue.testsupport.BsonBytes.Fields;
import dev.taskqueue.testsupport.BsonBytes.Value;

/**
 * Calls of the functions of {@link InputNode} that are in order.
 */
final class Calls {

	private static final Map<String, Value> ARGUMENTS = Map.of("text", Value.text("x"), "number", Value.int64(7), "any",
			Value.text("x"), "map", Value.document(new Fields().add("a", Value.int32(1))), "list",
			Value.array(Value.text("x")), "point",
			Value.document(new Fields().add("name", Value.text("x")).add("count", Value.int32(1))), "color",
			Value.text("RED"));

	private static final List<String> FUNCTIONS = ARGUMENTS.keySet().stream().sorted().toList();

	private Calls() {
	}

	static void put(Map<String, Value> document, BsonGenerator generator) {
		String function = generator.pick(FUNCTIONS);
		document.put("function", Value.text(function));
		document.put("params", Value.array(ARGUMENTS.getOrDefault(function, Value.array())));
	}

}
