package dev.taskqueue.trial;

import java.nio.file.Path;

import dev.taskqueue.history.HistoryFile;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/** An application that runs the jobs of a trial and does nothing else. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class OrderApplication {

	public static void main(String[] args) {
		SpringApplication.run(OrderApplication.class, args);
		System.out.println(WorkerApplication.READY);
	}

	@Bean
	HistoryFile history(@Value("${trial.directory}") Path directory, @Value("${trial.process}") String process) {
		return new HistoryFile(directory, process);
	}

	@Bean
	Functions functions(HistoryFile history) {
		return new Functions(history);
	}

}
