"""python3 -m unittest benchmarks/test_report.py"""

import importlib.util
import io
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from contextlib import redirect_stderr, redirect_stdout
from importlib.machinery import SourceFileLoader
from pathlib import Path

sys.dont_write_bytecode = True
loader = SourceFileLoader("report", str(Path(__file__).with_name("report")))
report = importlib.util.module_from_spec(importlib.util.spec_from_loader("report", loader))
sys.modules["report"] = report
loader.exec_module(report)

HEAD = "round\tsystem\tversion\tstore\tsetting\tfigure\tvalue\tothers_cpu_pct\tstarted"


def results(*runs):
    """Each run: round, system, setting, others' CPU, figures."""
    lines = [HEAD]
    for i, (number, system, setting, others, figures) in enumerate(runs):
        store = "redis" if system == "bullmq" else "mongodb"
        for figure, value in ({"jobs": 1000} | figures).items():
            lines.append(f"{number}\t{system}\t1.0\t{store}\t{setting}\t{figure}\t{value}\t{others}\tat-{i}")
    return lines


RESULTS = results(
    (1, "taskqueue", "core", 0, {"drain": 200, "start-p99": 4}),
    (1, "bare", "core", 0, {"drain": 100, "start-p99": 2}),
    (1, "bullmq", "concurrency-100", 30, {"drain": 50, "start-p50": 1, "start-p99": 8}),
    (1, "jobrunr", "default", 0, {"drain": 5, "start-p50": 2500, "start-p99": 4000}),
    (1, "jobrunr", "best", 0, {"drain": 10, "start-p50": 2500, "start-p99": 4000}),
    (2, "taskqueue", "core", 0, {"drain": 900, "start-p99": 6}),
    (2, "bare", "core", 0, {"drain": 300, "start-p99": 2}),
    (2, "bullmq", "concurrency-100", 5, {"drain": 300, "start-p99": 2}),
    (3, "taskqueue", "core", 0, {"drain": 400, "start-p99": 5}),
    (3, "bare", "core", 0, {"drain": 100, "start-p99": 2}),
    (1, "taskqueue", "rows", 0, {"rows-per-second": 7}),
)


class LoadTests(unittest.TestCase):
    def test_groups_runs_by_system_setting_and_number_of_jobs(self):
        groups = report.load(RESULTS)
        self.assertEqual(
            [(group.system, group.setting, group.jobs) for group in groups],
            [(system, setting, "1000") for system, setting in (
                ("taskqueue", "core"), ("bare", "core"), ("bullmq", "concurrency-100"), ("jobrunr", "default"), ("jobrunr", "best"),
                ("taskqueue", "rows"))],
        )
        self.assertEqual(groups[0].values("drain"), [200, 900, 400])
        self.assertEqual(groups[0].median("drain"), 400)
        self.assertEqual(groups[2].others, [30, 5])
        self.assertEqual(groups[0].values("jobs"), [])

    def test_keeps_runs_with_other_numbers_of_jobs_apart(self):
        lines = results((1, "rq", "fork-2", 0, {"jobs": 10, "drain": 1}), (1, "rq", "fork-2", 0, {"jobs": 20, "drain": 3}))
        self.assertEqual([(group.jobs, group.values("drain")) for group in report.load(lines)], [("10", [1]), ("20", [3])])


class ArithmeticTests(unittest.TestCase):
    def setUp(self):
        self.ours, self.bare, self.bullmq, self.default, self.best, self.rows = report.load(RESULTS)

    def test_takes_ratios_within_each_round(self):
        self.assertEqual(report.ratios(self.ours, self.bare, "drain"), [2, 3, 4])

    def test_leaves_rounds_out_that_only_one_of_two_has(self):
        self.assertEqual(report.ratios(self.ours, self.bullmq, "drain"), [4, 3])

    def test_takes_the_ratio_of_medians_where_no_round_has_both(self):
        later = report.load(results((9, "bullmq", "concurrency-100", 0, {"drain": 800})))[0]
        self.assertEqual(report.ratios(self.ours, later, "drain"), [0.5])

    def test_has_no_ratio_of_what_was_not_measured(self):
        self.assertEqual(report.ratios(self.ours, self.bare, "cycle"), [])

    def test_finds_the_best_by_most_jobs_and_fewest_milliseconds(self):
        peers = [self.bullmq, self.default, self.best]
        self.assertIs(report.best(peers, "drain"), self.bullmq)
        self.assertIs(report.best(peers, "start-p99"), self.bullmq)
        self.assertIs(report.best([self.default, self.best], "drain"), self.best)
        self.assertIsNone(report.best(peers, "cycle"))

    def test_shows_the_best_setting_of_each_system_in_charts(self):
        shown = report.best_settings([self.default, self.best, self.bullmq], "drain")
        self.assertEqual([group.label for group in shown], ["BullMQ concurrency-100", "JobRunr best"])

    def test_writes_numbers_with_three_digits_at_least(self):
        written = [report.number(value) for value in (0, 0.0123, 0.999, 1, 12.345, 99.96, 100, 23456.7)]
        self.assertEqual(written, ["0", "0.0123", "0.999", "1.00", "12.3", "100.0", "100", "23,457"])

    def test_writes_the_median_with_its_range(self):
        self.assertEqual(report.spread([200, 900, 400]), "400 (200–900)")
        self.assertEqual(report.spread([1, 2]), "1.50 (1.00–2.00)")
        self.assertEqual(report.spread([5]), "5.00")
        self.assertEqual(report.spread([]), "–")

    def test_draws_a_grid_that_encloses_all_values(self):
        self.assertEqual(report.ticks(45, 23500, True), [10, 100, 1000, 10000, 100000])
        self.assertEqual(report.ticks(1, 23500, False), [0, 5000, 10000, 15000, 20000, 25000])
        self.assertEqual(report.ticks(1, 0.9, False)[-1], 1.0)


class ReportTests(unittest.TestCase):
    def test_tells_figures_ratios_and_disturbed_runs(self):
        text = report.report(report.load(RESULTS), ["cores: 2", "kernel: Linux 6", "date: 2026-01-02", "commit: abc", "data: ext4 in /x"])
        self.assertIn("2026-01-02, commit abc, client and server on one machine: 2 cores, Linux 6, data on ext4.", text)
        self.assertIn("| **taskqueue**; MongoDB | 400 (200–900) |", text)
        self.assertIn("| BullMQ 1.0, `concurrency-100`; Redis | 175 (50.0–300) |", text)
        self.assertIn("| drain | 3.00× (2.00×–4.00×) | 3.50× (3.00×–4.00×) | BullMQ concurrency-100 |", text)
        self.assertIn("| start, p99 | 2.50× (2.00×–3.00×) | 1.75× (0.500×–3.00×) | BullMQ concurrency-100 |", text)
        self.assertIn("In 1 of 11 runs others used more than 20 % of the CPU.", text)
        self.assertIn("### `rows`\n\n| figure | taskqueue |\n| --- | ---: |\n| `rows-per-second` | 7.00 |", text)
        self.assertNotIn("cycle", text.split("### Ratios")[0])

    def test_needs_neither_taskqueue_nor_the_bare_driver(self):
        text = report.report(report.load(results((1, "rq", "fork-2", 0, {"drain": 45}))), [])
        self.assertIn("RQ 1.0, `fork-2`", text)
        self.assertNotIn("Ratios", text)
        self.assertIn("images/drain.svg", text)
        self.assertNotIn("From submit to start", text)

    def test_draws_charts_that_are_xml_and_tell_their_values(self):
        drawn = report.charts(report.load(RESULTS))
        self.assertEqual(sorted(drawn), ["drain", "start"])
        for svg in drawn.values():
            self.assertIn("BullMQ concurrency-100", ElementTree.fromstring(svg).get("aria-label"))
            self.assertIn("prefers-color-scheme: dark", svg)
        self.assertIn("logarithmic", drawn["start"])
        self.assertNotIn("logarithmic", report.charts(report.load(RESULTS[:7]))["drain"])


class WriteTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        (self.directory / "results.tsv").write_text("\n".join(RESULTS) + "\n", encoding="utf-8")
        (self.directory / "docs" / "images").mkdir(parents=True)
        self.page = self.directory / "docs" / "performance.md"

    def run_report(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = report.main([*arguments, str(self.directory)], docs=self.directory / "docs")
        return code, out.getvalue(), err.getvalue()

    def test_prints_without_writing(self):
        code, out, _ = self.run_report()
        self.assertEqual(code, 0)
        self.assertIn("### Ratios", out)
        self.assertFalse(self.page.exists())

    def test_replaces_only_what_stands_between_the_marks_and_does_it_twice_alike(self):
        self.page.write_text(f"before\n\n{report.BEGIN}\nold\n{report.END}\n\nafter\n", encoding="utf-8")
        self.assertEqual(self.run_report("--write")[0], 0)
        page = self.page.read_text(encoding="utf-8")
        self.assertTrue(page.startswith(f"before\n\n{report.BEGIN}\n\n"))
        self.assertTrue(page.endswith(f"\n{report.END}\n\nafter\n"))
        self.assertNotIn("old", page)
        self.assertTrue((self.directory / "docs" / "images" / "drain.svg").exists())
        self.run_report("--write")
        self.assertEqual(self.page.read_text(encoding="utf-8"), page)

    def test_writes_nothing_where_the_marks_are_missing(self):
        self.page.write_text("no marks\n", encoding="utf-8")
        code, _, err = self.run_report("--write")
        self.assertEqual(code, 1)
        self.assertIn(report.BEGIN, err)
        self.assertEqual(self.page.read_text(encoding="utf-8"), "no marks\n")
        self.assertEqual(list((self.directory / "docs" / "images").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
