package dev.taskqueue.autoconfigure;

import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;

/**
 * The names that exist under {@code taskqueue}, read from the properties themselves.
 */
final class KnownProperties {

	private KnownProperties() {
	}

	static List<String> names() {
		List<String> names = new ArrayList<>();
		collect("taskqueue", TaskQueueProperties.class, names);
		return names;
	}

	/**
	 * The name that was probably meant.
	 * @param name a name that does not exist
	 * @return a name that does, or null when none is near
	 */
	static @Nullable String nearest(String name) {
		return names().stream()
			.min(Comparator.comparingInt((known) -> distance(name, known)))
			.filter((known) -> distance(name, known) <= Math.max(3, lastElement(name).length() / 2))
			.orElse(null);
	}

	private static void collect(String prefix, Class<?> type, List<String> names) {
		for (Field field : type.getDeclaredFields()) {
			String name = prefix + "." + DataObjectPropertyName.toDashedForm(field.getName());
			if (isGroup(field.getType())) {
				collect(name, field.getType(), names);
			}
			else if (field.getType() == Map.class && field.getGenericType() instanceof ParameterizedType map
					&& map.getActualTypeArguments()[1] instanceof Class<?> element && isGroup(element)) {
				collect(name + ".<name>", element, names);
			}
			else {
				names.add(name);
			}
		}
	}

	private static boolean isGroup(Class<?> type) {
		return type.getEnclosingClass() == TaskQueueProperties.class && !type.isEnum();
	}

	private static String lastElement(String name) {
		return name.substring(name.lastIndexOf('.') + 1);
	}

	/** How many characters must be changed, added or left out (Levenshtein). */
	private static int distance(String from, String to) {
		int[] previous = new int[to.length() + 1];
		Arrays.setAll(previous, (column) -> column);
		for (int row = 1; row <= from.length(); row++) {
			int[] current = new int[to.length() + 1];
			current[0] = row;
			for (int column = 1; column <= to.length(); column++) {
				int replaced = previous[column - 1] + ((from.charAt(row - 1) == to.charAt(column - 1)) ? 0 : 1);
				current[column] = Math.min(replaced, 1 + Math.min(previous[column], current[column - 1]));
			}
			previous = current;
		}
		return previous[to.length()];
	}

}
