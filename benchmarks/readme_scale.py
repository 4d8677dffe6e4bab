"""The figures of the server, of batches and of large photos, for docs/server.md, docs/batch.md and docs/speed.md."""

from __future__ import annotations

from typing import Any

from lbie.bench.table import met


def server_text(server: dict[str, Any], soak: dict[str, Any]) -> str:
    """What the next sentence costs, and how a run under load and a long one went."""
    following, load, slope = server["next_sentence"], server["load"], soak["memory_slope_of_the_last_half"]
    low, high = following["ratio_quartiles"]
    requests, (start, end) = sum(load["requests"].values()), slope["interval"]
    return "\n".join(
        [
            "| | | goal | |",
            "|---|---|---|---|",
            f"| next sentence over upload and first edit, {following['photo'].partition(', ')[2]} pixels | {following['ratio']:.2f} "
            f"[{low:.2f}, {high:.2f}] ({following['next_edit_ms']:.0f} of {following['upload_and_edit_ms']:.0f} ms) | at most "
            f"{following['goal']:.2f} | {met(following)} |",
            f"| {load['clients']} clients for {load['seconds']:.0f} s, {requests:,} requests: errors other than 429; results that differ "
            f"from `Editor`'s; memory, end over start | {load['errors_other_than_429']}; "
            f"{load['results_that_differ_from_the_editor']}; {load['memory_growth']:.2f} | 0; 0; at most 1.10 | {met(load)} |",
            f"| soak of {soak['minutes']:.0f} minutes, {soak['requests']:,} requests: not answered as meant; slope of the memory | "
            f"{soak['not_meant']}; {slope['mib_a_minute']:.2f} [{start:.2f}, {end:.2f}] MiB a minute | 0; interval up to "
            f"{slope['most']:.2f} | {met(soak)} |",
        ]
    )


def batch_text(cluster: dict[str, Any]) -> str:
    """Of each part that was measured."""
    parts = {name: cluster[name] for name in ("pool", "ray", "kill", "s3", "many") if name in cluster}
    told = {
        "pool": lambda own: (
            "two workers over one",
            f"{own['two_workers_against_one']:.2f}",
            f"at least {own['goal']}",
        ),
        "ray": lambda own: (
            "Ray on two nodes over the pool",
            f"{own['ray_against_pool']:.2f}",
            f"at least {own['goal']}",
        ),
        "kill": lambda own: (
            "a node of Ray killed midway: results that are there and identical",
            f"{own['results_identical']}",
            "all",
        ),
        "s3": lambda own: ("by Ray, from and to an S3 store: the same", f"{own['results_identical']}", "all"),
        "many": lambda own: (
            "fit of time to their number by a line (R²); memory, last quarter over first",
            f"{own['determination_of_the_line']:.4f}; {own['memory_growth']:.3f}",
            f"at least {own['goals']['determination_of_the_line']}; at most {own['goals']['memory_growth']}",
        ),
    }
    lines = ["| | images | | goal | |", "|---|---|---|---|---|"]
    for name, own in parts.items():
        what, figure, goal = told[name](own)
        lines.append(f"| {what} | {own['images']:,} | {figure} | {goal} | {met(own)} |")
    return "\n".join(lines)


def large_text(large: dict[str, Any]) -> str:
    """Memory, and time beside the codec's."""
    goals, sizes = large["goals"], large["sizes"]
    lines = [
        "| edit | " + " | ".join(f"{size} MP: peak, MiB | over the codec's time" for size in sizes) + " |",
        "|---" * (1 + 2 * len(sizes)) + "|",
    ]
    for kind in sizes["12"]:
        cells = [f"{sizes[size][kind]['peak_mib']:,.0f} | {sizes[size][kind]['ratio']:.1f}" for size in sizes]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(
        [
            *lines,
            "",
            f"Goals: {goals['peak_mib']:,} MiB ({met({'met': large['met']['memory']})}); all but reading and writing the file at most "
            f"{goals['ratio_at_12']} times that, for JPEGs of 12 MP ({met({'met': large['met']['time']})}).",
        ]
    )
