package dev.taskqueue.violations.function;

import com.mongodb.client.MongoClient;
import org.springframework.context.ApplicationContext;
import tools.jackson.databind.json.JsonMapper;

record FunctionThatUsesLibraries(MongoClient forbidden, ApplicationContext allowed, JsonMapper alsoAllowed) {
}
