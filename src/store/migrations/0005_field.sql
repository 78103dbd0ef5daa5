-- What people in the field ran into: whose money pays for what, fees that follow the heads, days that stay closed,
-- ids of other systems, and questions that are asked once.

-- ── Bills: what of each order a part pays ──


-- ── Orders: reductions that are reckoned anew, the cover that is due once a head, deeds that are done once ──


-- ── Days: what moved after the close, stock that was eaten ──


-- ── Menu: other systems' ids, names unique in their category ──


-- ── Money: notices without an owner, questions that are counted ──


-- ── Seatings and alerts ──

