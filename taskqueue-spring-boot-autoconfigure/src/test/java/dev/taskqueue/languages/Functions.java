package dev.taskqueue.languages;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

import dev.taskqueue.AsyncJob;
import dev.taskqueue.JobContext;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;

/**
 * What programs of other languages call. Those named after a type tell what they got.
 */
class Functions {

	@AsyncJob("send_mail")
	public String sendMail(String to, int times) {
		return times + " mails to " + to;
	}

	@AsyncJob("charge_card")
	public void chargeCard(String order, double amount) {
		if (amount > 0) {
			throw new IllegalStateException("The card of " + order + " was declined for " + amount);
		}
	}

	@AsyncJob("sql_execute_now")
	public String executeNow(ApplicationContext app, String x, int n) {
		return app.getBeansOfType(Functions.class).size() + " application, " + x + ", " + n;
	}

	@AsyncJob("an_int")
	public int anInt(int value) {
		return value;
	}

	@AsyncJob("a_long")
	public long aLong(long value) {
		return value;
	}

	@AsyncJob("a_double")
	public double aDouble(double value) {
		return value;
	}

	@AsyncJob("a_decimal")
	public BigDecimal aDecimal(BigDecimal value) {
		return value;
	}

	@AsyncJob("a_boolean")
	public boolean aBoolean(boolean value) {
		return value;
	}

	@AsyncJob("a_text")
	public @Nullable String aText(@Nullable String value) {
		return value;
	}

	@AsyncJob("an_instant")
	public Instant anInstant(Instant value) {
		return value;
	}

	@AsyncJob("a_local_time")
	public LocalDateTime aLocalTime(LocalDateTime value) {
		return value;
	}

	@AsyncJob("a_day")
	public LocalDate aDay(LocalDate value) {
		return value;
	}

	@AsyncJob("bytes")
	public String bytes(byte[] value) {
		return value.length + " bytes, in Base64 " + Base64.getEncoder().encodeToString(value);
	}

	@AsyncJob("a_uuid")
	public UUID aUuid(UUID value) {
		return value;
	}

	@AsyncJob("numbers")
	public int numbers(List<Integer> values) {
		return values.stream().mapToInt(Integer::intValue).sum();
	}

	@AsyncJob("an_order")
	public Order anOrder(Order order) {
		return order;
	}

	@AsyncJob("optionals")
	public String optionals(String first, Optional<String> second, @Nullable Integer third) {
		return first + ", " + second.orElse("no second") + ", " + third;
	}

	@AsyncJob("anything")
	public String anything(@Nullable Object value) {
		return (value != null) ? value.getClass().getSimpleName() : "null";
	}

	@AsyncJob("a_map")
	public Map<String, Object> aMap() {
		return Map.of("list", List.of(1, 2), "bytes", new byte[] { 1 }, "time", Instant.EPOCH);
	}

	@AsyncJob("fail_once")
	public String failOnce(JobContext job) {
		if (job.attempt() == 1) {
			throw new IllegalStateException("the first time");
		}
		return "attempt " + job.attempt();
	}

	@AsyncJob("wait_for_ever")
	public void waitForEver() throws InterruptedException {
		new CountDownLatch(1).await();
	}

	/**
	 * A document as an argument and as a result.
	 */
	record Order(String id, BigDecimal amount, @Nullable Instant due) {

	}

}
