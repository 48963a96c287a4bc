package dev.taskqueue.crontab;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class RecurrenceTests {

	private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

	private static final CrontabSettings BERLIN = new CrontabSettings(1000, null, 1, 1_000_000,
			ZoneId.of("Europe/Berlin"), Duration.ofSeconds(5), CrontabSettings.Validation.OFF);

	private final RowReader reader = new RowReader(Rows.FUNCTIONS, Set.of()::contains, CrontabSettings.defaults());

	@ParameterizedTest
	@CsvSource({ "cron,*/5 * * * *,2026-11-21T12:05:00Z", "cron,@daily,2026-11-22T00:00:00Z",
			"cron,@every 90s,2026-11-21T12:01:30Z", "every,30s,2026-11-21T12:00:30Z",
			"every,@every 30s,2026-11-21T12:00:30Z", "every,1h30m,2026-11-21T13:30:00Z",
			"every,PT5M,2026-11-21T12:05:00Z", "every,5m,2026-11-21T12:05:00Z" })
	void runsAtItsTimeAndIsDueAgainByItsSchedule(String field, String value, Instant next) {
		Reading.Due due = due(row(NOON).append(field, value), NOON.plusMillis(20));

		assertThat(due.slots()).containsExactly(NOON);
		assertThat(times(due)).startsWith(next).hasSize(5);
	}

	@Test
	void intervalMayBeANumberOfSeconds() {
		assertThat(times(due(row(NOON).append("every", 90), NOON))).startsWith(NOON.plusSeconds(90));
	}

	@Test
	void rowWithoutATimeIsDueAtTheNextOneOfItsSchedule() {
		Reading.Ahead ahead = ahead(row(null).append("cron", "30 * * * *"), NOON);

		assertThat(times(ahead)).startsWith(Instant.parse("2026-11-21T12:30:00Z"));
	}

	@Test
	void firstTimeOfTheOwnerStaysWhateverTheScheduleSays() {
		Instant first = NOON.plusSeconds(77);

		Reading.Ahead ahead = ahead(row(first).append("cron", "30 * * * *"), NOON);

		assertThat(times(ahead)).startsWith(first, Instant.parse("2026-11-21T12:30:00Z"));
	}

	@Test
	void rowOfAnotherZoneFollowsThatZone() {
		Document row = row(NOON).append("cron", "0 9 * * *").append("zone", "Asia/Tokyo");

		assertThat(times(due(row, NOON))).startsWith(Instant.parse("2026-11-22T00:00:00Z"));
	}

	@Test
	void rowWithoutAZoneFollowsTheSetting() {
		RowReader inBerlin = new RowReader(Rows.FUNCTIONS, Set.of()::contains, BERLIN);

		Reading.Due due = (Reading.Due) inBerlin.read(row(NOON).append("cron", "0 9 * * *"), 0, NOON);

		assertThat(times(due)).startsWith(Instant.parse("2026-11-22T08:00:00Z"));
	}

	@Test
	void intervalIsCountedFromTheStartTime() {
		Document row = row(NOON).append("every", "1h").append("start_time", Date.from(NOON.minusSeconds(600)));

		assertThat(times(due(row, NOON))).startsWith(NOON.plusSeconds(3000));
	}

	@Test
	void noTimeLiesBeforeTheStart() {
		Document row = row(NOON).append("cron", "*/20 * * * *").append("start_time", Date.from(NOON.plusSeconds(60)));

		assertThat(times(ahead(row, NOON))).startsWith(NOON.plusSeconds(1200));
		assertThat(times(ahead(row.append("start_time", Date.from(NOON.plusSeconds(1200))), NOON)))
			.startsWith(NOON.plusSeconds(1200));
	}

	@Test
	void lastTimeBeforeTheEndEndsTheRow() {
		Document row = row(NOON).append("every", "1m").append("end_time", Date.from(NOON.plusSeconds(60)));

		assertThat(times(due(row, NOON))).containsExactly(NOON.plusSeconds(60));
		assertThat(times(due(row.append("time", Date.from(NOON.plusSeconds(60))), NOON.plusSeconds(70)))).isEmpty();
	}

	@Test
	void rowWhoseEndIsMovedIntoThePastIsOver() {
		Document row = stored(row(NOON.plusSeconds(60)).append("every", "1m").append("last_time", Date.from(NOON)))
			.append("end_time", Date.from(NOON));

		assertThat(times(ahead(row, NOON.plusSeconds(61)))).isEmpty();
	}

	@Test
	void rowThatCouldNeverRunSaysSo() {
		Document row = row(NOON).append("every", "1m").append("end_time", Date.from(NOON.minusSeconds(1)));

		assertThat(bad(row).field()).isEqualTo("end_time");
		assertThat(bad(row).message()).contains("the row never runs");
		assertThat(
				bad(row(null).append("cron", "0 0 * * *").append("end_time", Date.from(NOON.plusSeconds(1)))).field())
			.isEqualTo("end_time");
	}

	@Test
	void endBeforeTheStartIsRefused() {
		Document row = row(NOON).append("every", "1m")
			.append("start_time", Date.from(NOON))
			.append("end_time", Date.from(NOON.minusSeconds(1)));

		assertThat(bad(row).message()).contains("'2026-11-21T11:59:59Z' (date)",
				"not before start_time (2026-11-21T12:00:00Z)");
	}

	@Test
	void missedTimesBecomeOneRunUnlessTheRowSaysOtherwise() {
		for (Document row : List.of(row(NOON), row(NOON).append("misfire", "once"))) {
			Reading.Due due = due(row.append("every", "30s"), NOON.plusSeconds(3605));

			assertThat(due.slots()).containsExactly(NOON);
			assertThat(times(due)).startsWith(NOON.plusSeconds(3630));
		}
	}

	@Test
	void eachMissedTimeIsARunWhereTheRowSaysAll() {
		Reading.Due due = due(row(NOON).append("every", "30s").append("misfire", "all"), NOON.plusSeconds(95));

		assertThat(due.slots()).containsExactly(NOON, NOON.plusSeconds(30), NOON.plusSeconds(60), NOON.plusSeconds(90));
		assertThat(times(due)).startsWith(NOON.plusSeconds(120));
	}

	@Test
	void yearOfMissedTimesIsCaughtUpInPortions() {
		Reading.Due due = due(row(NOON).append("every", "1s").append("misfire", "all"),
				NOON.plus(Duration.ofDays(365)));

		assertThat(due.slots()).hasSize(100).startsWith(NOON);
		assertThat(times(due)).startsWith(NOON.plusSeconds(100));
	}

	@Test
	void missedTimesAreLeftOutWhereTheRowSaysSkip() {
		Document row = row(NOON).append("cron", "0 * * * *").append("misfire", "skip");

		assertThat(times(ahead(row, NOON.plusSeconds(61)))).startsWith(NOON.plusSeconds(3600));
		assertThat(times(ahead(row.append("cron", "* * * * *"), NOON.plusSeconds(60))))
			.startsWith(NOON.plusSeconds(120));
	}

	@Test
	void timeThatIsALittleLateIsNotMissed() {
		Document row = row(NOON).append("cron", "* * * * *").append("misfire", "skip");

		assertThat(due(row, NOON.plusSeconds(59)).slots()).containsExactly(NOON);
	}

	@Test
	void newScheduleHoldsFromNowOnThoughTheOldOneWasLater() {
		Document row = stored(row(NOON.plusSeconds(86_400)).append("cron", "0 12 * * *"));

		assertThat(ahead(row, NOON).next()).isNull();
		assertThat(times(ahead(row.append("cron", "*/5 * * * *"), NOON))).startsWith(NOON.plusSeconds(300));
	}

	@Test
	void newZoneHoldsFromNowOn() {
		Document row = stored(row(NOON.plusSeconds(86_400)).append("cron", "0 12 * * *"));

		assertThat(times(ahead(row.append("zone", "Europe/Berlin"), NOON))).startsWith(NOON.plusSeconds(86_400 - 3600));
	}

	@Test
	void newIntervalIsCountedFromTheLastRun() {
		Document row = stored(row(NOON.plusSeconds(3600)).append("every", "1h").append("last_time", Date.from(NOON)));

		assertThat(times(ahead(row.append("every", "50s"), NOON.plusSeconds(120)))).startsWith(NOON.plusSeconds(150));
	}

	@Test
	void timeThatTheOwnerSetStaysBesideANewSchedule() {
		Document row = stored(row(NOON.plusSeconds(3600)).append("every", "1h"))
			.append("time", Date.from(NOON.plusSeconds(7)))
			.append("every", "1m");

		assertThat(times(ahead(row, NOON))).startsWith(NOON.plusSeconds(7), NOON.plusSeconds(67));
	}

	@Test
	void intervalIsCountedFromATimeThatTheOwnerSet() {
		Document row = stored(row(NOON.plusSeconds(3600)).append("every", "1h").append("last_time", Date.from(NOON)));
		Instant set = NOON.plusSeconds(17 * 60);
		row = stored(row.append("time", Date.from(set)));

		Reading.Due due = due(row, set);
		assertThat(due.slots()).containsExactly(set);
		assertThat(times(due)).startsWith(set.plusSeconds(3600), set.plusSeconds(7200));
	}

	@Test
	void newIntervalThatIsSeenWhenTheRowIsDueKeepsItsPace() {
		Document row = stored(row(NOON.plusSeconds(3600)).append("every", "1h").append("last_time", Date.from(NOON)))
			.append("every", "45m");

		Reading.Due due = due(row, NOON.plusSeconds(3600));
		Instant next = times(due).get(0);
		row.append("last_time", row.get("time"))
			.append("time", Date.from(next))
			.append("next", Objects.requireNonNull(due.next()).toDocument());

		assertThat(times(due(row, next))).startsWith(next.plusSeconds(45 * 60));
	}

	@ParameterizedTest
	@ValueSource(strings = { "nobody_has_it", "sql_execute_now" })
	void faultOfARowThatLeavesOutMissedTimesLastsAsLongAsTheFault(String function) {
		Document row = row(NOON).append("every", "1m")
			.append("misfire", "skip")
			.append("function", function)
			.append("params", List.of());

		for (Instant now : List.of(NOON, NOON.plusSeconds(60), NOON.plusSeconds(3600))) {
			assertThat(this.reader.read(row, 0, now)).isInstanceOf(Reading.Bad.class);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "0 0 30 2 *", "0 * * * * *", "61 * * * *", "nonsense" })
	void cronThatCannotBeMeantNamesTheFieldAndTheValue(String cron) {
		RowError error = bad(row(NOON).append("cron", cron));

		assertThat(error.field()).isEqualTo("cron");
		assertThat(error.value()).isEqualTo(cron);
		assertThat(error.message()).startsWith("field 'cron': schedule '" + cron + "': ");
	}

	@Test
	void cronAndIntervalTogetherAreRefused() {
		assertThat(bad(row(NOON).append("cron", "* * * * *").append("every", "1m")).message())
			.contains("both 'cron' and 'every'");
	}

	@Test
	void recurringRowIsNeverTooLate() {
		assertThat(due(row(NOON).append("cron", "@daily"), NOON.plus(Duration.ofDays(400))).slots())
			.containsExactly(NOON);
	}

	private static Document row(@Nullable Instant time) {
		return Rows.row((time != null) ? Date.from(time) : null).append("_id", 1);
	}

	/** The row after the scheduler has looked at it. */
	private Document stored(Document row) {
		NextTimes next = Objects.requireNonNull(ahead(row, NOON).next());
		return row.append("next", next.toDocument());
	}

	private Reading.Due due(Document row, Instant now) {
		return (Reading.Due) this.reader.read(row, 0, now);
	}

	private Reading.Ahead ahead(Document row, Instant now) {
		return (Reading.Ahead) this.reader.read(row, 0, now);
	}

	private RowError bad(Document row) {
		return ((Reading.Bad) this.reader.read(row, 0, NOON)).error();
	}

	private static List<Instant> times(Reading.Due due) {
		return Objects.requireNonNull(due.next()).times();
	}

	private static List<Instant> times(Reading.Ahead ahead) {
		return Objects.requireNonNull(ahead.next()).times();
	}

}
