package dev.taskqueue.sample;

import com.mongodb.ConnectionString;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.mongodb.autoconfigure.MongoConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * An imitation of MongoDB in this process and in memory, so that the sample runs on a
 * machine without MongoDB. Not there when {@code spring.mongodb.uri} is set.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(EmbeddedMongo.NoServerIsSet.class)
class EmbeddedMongo {

	private static final Logger logger = LoggerFactory.getLogger(EmbeddedMongo.class);

	@Bean(destroyMethod = "shutdownNow")
	MongoServer embeddedMongoServer() {
		return new MongoServer(new MemoryBackend() {

			// it does not bear that an index is created while another thread inserts
			@Override
			public synchronized Document handleMessage(MongoMessage message) {
				return super.handleMessage(message);
			}

		});
	}

	@Bean
	MongoConnectionDetails embeddedMongoConnection(MongoServer server) {
		ConnectionString connection = new ConnectionString(server.bindAndGetConnectionString() + "/sample");
		logger.info("No spring.mongodb.uri is set: MongoDB is imitated in memory, for looking only. "
				+ "Nothing outlives this process");
		return () -> connection;
	}

	static class NoServerIsSet implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return !context.getEnvironment().containsProperty("spring.mongodb.uri");
		}

	}

}
