package dev.taskqueue.fault.input;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import dev.taskqueue.testsupport.BsonBytes.Fields;
import dev.taskqueue.testsupport.BsonBytes.Value;
import org.bson.RawBsonDocument;

/**
 * Makes documents of one sort, rows or jobs: one in ten is good, most others have
 * anything at all in one to three fields, the rest consist of anything. Each has a number
 * in the field {@code n}, since its id too may be anything.
 */
abstract class BadDocuments {

	static final String NUMBER = "n";

	/** The largest arguments of a job, and the largest document. */
	private static final List<Integer> LARGE = List.of(1024 * 1024, 16 * 1024 * 1024);

	private final BsonGenerator generator;

	private final List<String> fields;

	private final String sort;

	private final int largeOneIn;

	private long made;

	/**
	 * Creates it.
	 * @param sort the beginning of the ids
	 * @param fields all that a document of the sort may have
	 * @param random where all that is random comes from
	 * @param largeOneIn one of so many has a value about as large as a limit
	 */
	BadDocuments(String sort, List<String> fields, Random random, int largeOneIn) {
		this.sort = sort;
		this.fields = fields;
		this.generator = new BsonGenerator(random);
		this.largeOneIn = largeOneIn;
	}

	/** The fields of a good document, without the id. */
	abstract Map<String, Value> good(BsonGenerator generator);

	Made next() {
		long number = this.made++;
		Map<String, Value> fields = new LinkedHashMap<>();
		fields.put("_id", Value.text(this.sort + "-" + number));
		fields.put(NUMBER, Value.int64(number));
		fields.putAll(good(this.generator));
		List<String> changes = new ArrayList<>();
		boolean isGood = number % 10 == 0;
		if (isGood) {
			return new Made(number, document(fields), true, changes);
		}
		Fields more = new Fields();
		if (this.generator.oneIn(8)) {
			for (String field : this.fields) {
				if (this.generator.oneIn(2)) {
					change(fields, field, changes);
				}
			}
		}
		else if (this.generator.oneIn(this.largeOneIn)) {
			String field = this.generator.pick(this.fields);
			int size = this.generator.pick(LARGE) - 400 + this.generator.below(400);
			fields.put(field, this.generator.large(size));
			changes.add(field + ": " + size + " bytes");
		}
		else {
			for (int i = this.generator.below(3); i >= 0; i--) {
				change(fields, this.generator.pick(this.fields), changes);
			}
		}
		if (this.generator.oneIn(12)) {
			String field = this.generator.pick(this.fields);
			String kind = this.generator.kind();
			more.add(field, this.generator.value(kind));
			changes.add(field + " again: " + kind);
		}
		if (this.generator.oneIn(12)) {
			more.add(this.generator.name(), this.generator.value(this.generator.kind()));
			changes.add("a further field");
		}
		return new Made(number, document(fields, more), false, changes);
	}

	private void change(Map<String, Value> fields, String field, List<String> changes) {
		if (this.generator.oneIn(15)) {
			fields.remove(field);
			changes.add(field + ": missing");
			return;
		}
		String kind = this.generator.kind();
		fields.put(field, this.generator.value(kind));
		changes.add(field + ": " + kind);
	}

	private static RawBsonDocument document(Map<String, Value> fields) {
		return document(fields, new Fields());
	}

	private static RawBsonDocument document(Map<String, Value> fields, Fields more) {
		return new Fields().addAll(fields).addAll(more).toDocument();
	}

}
