package dev.taskqueue.fault.input;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

import dev.taskqueue.testsupport.BsonBytes;
import dev.taskqueue.testsupport.BsonBytes.Field;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BsonGeneratorTests {

	private static final long NOW = 1_800_000_000L;

	/** All types that BSON has, by their numbers. */
	private static final Set<Integer> TYPES = Set.of(0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B,
			0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x7F, 0xFF);

	@Test
	void makesEveryTypeInEveryFieldOfARow() {
		assertThatEachTypeIsInEachField(new BadRows(new Random(1), 100_000, NOW), BadRows.FIELDS);
	}

	@Test
	void makesEveryTypeInEveryFieldOfAJob() {
		assertThatEachTypeIsInEachField(new BadJobs(new Random(1), 100_000, NOW), BadJobs.FIELDS);
	}

	@Test
	void makesEveryKindOfValue() {
		Set<String> changes = new HashSet<>();
		BadDocuments rows = new BadRows(new Random(1), 100_000, NOW);
		for (int i = 0; i < 12_000; i++) {
			changes.addAll(rows.next().changes());
		}
		for (String kind : new BsonGenerator(new Random(1)).kinds()) {
			for (String field : BadRows.FIELDS) {
				assertThat(changes).contains(field + ": " + kind);
			}
		}
	}

	@Test
	void makesTheSameDocumentsFromTheSameSeed() {
		BadDocuments some = new BadJobs(new Random(7), 50, NOW);
		BadDocuments same = new BadJobs(new Random(7), 50, NOW);
		BadDocuments others = new BadJobs(new Random(8), 50, NOW);
		List<Integer> differing = new ArrayList<>();
		for (int i = 0; i < 200; i++) {
			Made made = some.next();
			assertThat(bytes(same.next())).isEqualTo(bytes(made));
			if (!Arrays.equals(bytes(others.next()), bytes(made))) {
				differing.add(i);
			}
		}
		assertThat(differing).hasSizeGreaterThan(150);
	}

	@Test
	void makesOneGoodDocumentInTen() {
		BadDocuments rows = new BadRows(new Random(1), 1000, NOW);
		int good = 0;
		for (int i = 0; i < 1000; i++) {
			Made made = rows.next();
			good += made.isGood() ? 1 : 0;
			assertThat(made.changes().isEmpty()).isEqualTo(made.isGood());
		}
		assertThat(good).isEqualTo(100);
	}

	private static byte[] bytes(Made made) {
		return made.document().getByteBuffer().array();
	}

	private static void assertThatEachTypeIsInEachField(BadDocuments documents, List<String> fields) {
		Set<String> seen = new HashSet<>();
		for (int i = 0; i < 12_000; i++) {
			for (Field field : BsonBytes.fieldsOf(documents.next().document())) {
				seen.add(field.name() + " " + (field.bytes()[0] & 0xFF));
			}
		}
		for (String field : fields) {
			for (int type : TYPES) {
				assertThat(seen).contains(field + " " + type);
			}
		}
	}

}
