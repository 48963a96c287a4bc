package dev.taskqueue.test;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.store.BsonValues;
import org.jspecify.annotations.Nullable;

/**
 * What an expected argument or result looks like in a job, so that a record is compared
 * with what was kept of it. Numbers are compared by their value.
 */
final class StoredForm {

	private final ArgumentMapper mapper;

	StoredForm(ArgumentMapper mapper) {
		this.mapper = mapper;
	}

	/** Of a value as the test gives it. */
	@Nullable Object ofExpected(@Nullable Object value) {
		return of(BsonValues.toPlain(BsonValues.toStored(this.mapper.toPlain(value, "expected"))));
	}

	List<@Nullable Object> ofArgs(@Nullable Object... values) {
		List<@Nullable Object> forms = new ArrayList<>();
		for (Object value : values) {
			forms.add(ofExpected(value));
		}
		return forms;
	}

	/** Of a value as a job has it. */
	static @Nullable Object of(@Nullable Object value) {
		if (value instanceof Map<?, ?> map) {
			Map<Object, @Nullable Object> forms = new LinkedHashMap<>();
			map.forEach((key, element) -> forms.put(key, of(element)));
			return forms;
		}
		if (value instanceof List<?> list) {
			List<@Nullable Object> forms = new ArrayList<>();
			list.forEach((element) -> forms.add(of(element)));
			return forms;
		}
		if (value instanceof byte[] bytes) {
			return "bytes " + Arrays.toString(bytes);
		}
		if (value instanceof Integer || value instanceof Long) {
			return BigDecimal.valueOf(((Number) value).longValue());
		}
		if (value instanceof Double number && !number.isNaN() && !number.isInfinite()) {
			return BigDecimal.valueOf(number).stripTrailingZeros();
		}
		return (value instanceof BigDecimal number) ? number.stripTrailingZeros() : value;
	}

}
