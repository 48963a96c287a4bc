package dev.taskqueue.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process holds. */
final class Memory {

	private Memory() {
	}

	/** The resident memory of this process. */
	static double residentMegabytes() {
		return residentMegabytes("self");
	}

	/** The resident memory of a process on this Linux. */
	static double residentMegabytes(String pid) {
		try {
			return Files.readAllLines(Path.of("/proc", pid, "status"))
				.stream()
				.filter((line) -> line.startsWith("VmRSS"))
				.mapToDouble((line) -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
				.findFirst()
				.orElse(0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
