-- What people in the field ran into: whose money pays for what, fees that follow the heads, days that stay closed,
-- ids of other systems, and questions that are asked once.

-- ── Bills: what of each order a part pays ──

-- What a part pays of each order; together the part. Money for an order that has left the bill is not the others'.
create table bill_part_order (
    part_id    integer not null references bill_part (id),
    order_id   integer not null references dining_order (id),
    amount_fen integer not null,
    primary key (part_id, order_id)
) strict, without rowid;
create index bill_part_order_order on bill_part_order (order_id);
-- How a part was paid (payMethod); its orders are paid as the last part was.
alter table bill_part add column pay_method integer;
update bill_part set pay_method = coalesce((
    select case when p.provider = 'wechat' then 1 when p.provider = 'alipay' then 2 when p.channel = 'cash' then 3
        when p.channel = 'terminal' then 4 when p.channel = 'balance' then 5 else 9 end
    from payment p where p.part_id = bill_part.id and p.state = 'paid' order by p.id limit 1), 9)
    where state = 'paid';
-- Parts of before pay of each order in proportion: sums run over parts and over orders, so that no fen is lost in either.
insert into bill_part_order (part_id, order_id, amount_fen)
    with live as (
        select id, bill_id, amount_fen, sum(amount_fen) over (partition by bill_id order by position, id) as through
        from bill_part where state in ('open', 'paid')
    ), billed as (
        select b.bill_id, o.id, o.amount_fen, sum(o.amount_fen) over (partition by b.bill_id order by o.id) as through,
            sum(o.amount_fen) over (partition by b.bill_id) as total
        from bill_order b join dining_order o on o.id = b.order_id
    ), cells as (
        select live.id as part_id, billed.id as order_id,
            live.through * billed.through / total - (live.through - live.amount_fen) * billed.through / total
            - live.through * (billed.through - billed.amount_fen) / total
            + (live.through - live.amount_fen) * (billed.through - billed.amount_fen) / total as amount_fen
        from live join billed on billed.bill_id = live.bill_id where total > 0
    )
    select part_id, order_id, amount_fen from cells where amount_fen <> 0;

-- ── Orders: reductions that are reckoned anew, the cover that is due once a head, deeds that are done once ──

-- What was agreed stays beside what it comes to, so that an order's price is reckoned anew when something before it is
-- undone. percent: of the dishes; null for a fixed sum, as discounts of before are. odd_fen: what an order's share of a
-- whole table's percentage is more than its own. heads: whose cover it is. waived: a fee that is not asked for; it stays,
-- so that nothing asks for it again.
create table adjustment_now (
    id         integer primary key,
    order_id   integer not null references dining_order (id),
    kind       text not null check (kind in ('discount', 'free', 'service', 'cover', 'packing')),
    position   integer,
    percent    integer,
    odd_fen    integer not null default 0,
    heads      integer not null default 0 check (heads >= 0),
    waived     integer not null default 0 check (waived in (0, 1)),
    amount_fen integer not null check (case when kind in ('discount', 'free') then amount_fen <= 0 else amount_fen >= 0 end),
    reason     text not null default '',
    actor      text not null,
    at         integer not null
) strict;
-- A service fee was always a whole percentage of all items, and one cover the whole party's.
insert into adjustment_now (id, order_id, kind, position, percent, heads, amount_fen, reason, actor, at)
    select id, order_id, kind, position,
        case kind when 'service' then
            (select cast(round(100.0 * a.amount_fen / sum(i.unit_price_fen * i.quantity)) as integer)
                from order_item i where i.order_id = a.order_id)
        end,
        case kind when 'cover' then
            (select coalesce(s.heads, o.diners_count, 1)
                from dining_order o join seating s on s.id = o.seating_id where o.id = a.order_id)
            else 0
        end,
        amount_fen, reason, actor, at
    from adjustment a;
drop table adjustment;
alter table adjustment_now rename to adjustment;
create index adjustment_order on adjustment (order_id);
-- How many the phones of parties said that are parts of this one.
alter table seating add column said_heads integer check (said_heads between 1 and 999);

-- What staff did with money under this opId, and what was answered: done once, however often it is asked for.
create table deed (
    op_id  text primary key,
    what   text not null,
    answer text not null check (json_valid(answer)),
    at     integer not null
) strict, without rowid;
create index deed_at on deed (at);


-- ── Days: what moved after the close, stock that was eaten ──

-- What was owed for dishes that were served and nobody asks for any more: a line of its business day.
create table let_go (
    id           integer primary key,
    at           integer not null,
    table_number text not null,
    amount_fen   integer not null check (amount_fen > 0),
    reason       text not null,
    actor        text not null
) strict;
create index let_go_at on let_go (at);
-- Until now only the audit log had them, in words.
insert into let_go (at, table_number, amount_fen, reason, actor)
    select at, target, fen, reason, actor from (
        select at, target, actor, substr(detail, instr(detail, '：') + 1) as reason,
            cast(round(cast(substr(detail, 1, instr(detail, ' ') - 1) as real) * 100) as integer) as fen
        from audit where act = 'table.clear' and detail like '% 元未结：%') where fen > 0;

-- The cashier keeps the order although all of its money went back before anybody accepted it.
alter table dining_order add column kept integer not null default 0 check (kept in (0, 1));


-- ── Menu: other systems' ids, names unique in their category ──

-- A number of another system and the head that it stood under; it says which row is meant when such a table comes again.
alter table category add column foreign_id text not null default '';
alter table cuisine add column foreign_id text not null default '';
create index cuisine_category on cuisine (category_id, name);
create index cuisine_name on cuisine (name);

-- Imports once took any number for an id of ours, beyond what a page can hold and up to the last that there is. Those are
-- kept beside, and their rows get the next of ours; so do their lines in carts, orders and combos.
pragma defer_foreign_keys = on;
update setting set value = '0' where key = 'last_cuisine_id' and cast(value as integer) > 1000000000;
create table renumbered (old integer primary key, new integer not null);
insert into renumbered select id, row_number() over (order by id) + max(
        (select coalesce(max(id), 0) from category where id <= 1000000000), 0)
    from category where id not between 1 and 1000000000;
update cuisine set category_id = r.new from renumbered r where r.old = category_id;
update category set id = r.new, foreign_id = '编号 ' || r.old from renumbered r where r.old = id;
delete from renumbered;
insert into renumbered select id, row_number() over (order by id) + max(
        (select coalesce(max(id), 0) from cuisine where id <= 1000000000),
        (select coalesce(max(cast(value as integer)), 0) from setting where key = 'last_cuisine_id'), 0)
    from (select id from cuisine where id not between 1 and 1000000000
        union select cuisine_id from order_item where cuisine_id not between 1 and 1000000000);
update combo_item set combo_id = r.new from renumbered r where r.old = combo_id;
update combo_item set cuisine_id = r.new from renumbered r where r.old = cuisine_id;
update cart_line set cuisine_id = r.new from renumbered r where r.old = cuisine_id;
update stock_taken set cuisine_id = r.new from renumbered r where r.old = cuisine_id;
update order_item set cuisine_id = r.new from renumbered r where r.old = order_item.cuisine_id
    and order_item.cuisine_id not between 1 and 1000000000;
update cuisine set id = r.new, foreign_id = '编号 ' || r.old from renumbered r where r.old = cuisine.id;
drop table renumbered;


-- ── Money: notices without an owner, questions that are counted ──

-- One open question a payment and kind, however many notices raise it.
create table review_now (
    id          integer primary key,
    kind        text not null check (kind in ('amount', 'merchant', 'transaction', 'refunded_before', 'refunded_elsewhere',
        'refund_notice', 'refund_abnormal', 'refund_closed', 'refund_refused')),
    payment_id  integer not null references payment (id),
    refund_id   integer references refund (id),
    reason      text not null,
    -- What came or went, where that is known; of all notices together.
    amount_fen  integer,
    reference   text not null default '',
    notices     integer not null default 1,
    raised_at   integer not null,
    resolution  text,
    resolved_at integer,
    resolved_by text
) strict;
insert into review_now (id, kind, payment_id, refund_id, reason, amount_fen, reference, raised_at, resolution, resolved_at, resolved_by)
    select id, kind, payment_id, refund_id, reason, amount_fen, reference, raised_at, resolution, resolved_at, resolved_by
    from review;
drop table review;
alter table review_now rename to review;
create index review_open on review (id) where resolved_at is null;
create index review_payment on review (payment_id);
-- What each question is about, so that a repeat asks nothing, also when it is answered: a transaction, a refund's number.
create table review_notice (
    payment_id integer not null references payment (id),
    kind       text not null,
    refund_id  integer not null,
    reference  text not null,
    review_id  integer not null references review (id),
    amount_fen integer,
    primary key (payment_id, kind, refund_id, reference)
) strict, without rowid;
create index review_notice_review on review_notice (review_id);

-- Money that came, or went back, for a number that no payment has. It belongs to no order, so it is in no ledger.
create table unclaimed (
    id           integer primary key,
    kind         text not null check (kind in ('payment', 'refund')),
    provider     text not null,
    -- The provider's transaction, or the refund's number.
    reference    text not null,
    out_trade_no text not null,
    amount_fen   integer not null,
    is_ours      integer not null check (is_ours in (0, 1)),
    provider_at  integer not null,
    raised_at    integer not null,
    -- Refunds that were asked for, and when the one that is under way is tried next.
    attempts     integer not null default 0,
    try_at       integer,
    tries        integer not null default 0,
    problem      text not null default '',
    resolution   text check (resolution in ('refund', 'order', 'handed_back', 'keep', 'dismiss')),
    note         text not null default '',
    resolved_at  integer,
    resolved_by  text,
    unique (provider, kind, reference)
) strict;
create index unclaimed_open on unclaimed (id) where resolved_at is null;
create index unclaimed_try on unclaimed (try_at) where try_at is not null;
create index unclaimed_trade on unclaimed (out_trade_no);
insert into review_notice (payment_id, kind, refund_id, reference, review_id, amount_fen)
    select payment_id, kind, coalesce(refund_id, 0), reference, id, amount_fen from review;


-- ── Seatings and alerts ──

-- The first diner that this phone was; null for that one itself. A phone is one diner in each party that it has joined.
alter table diner add column phone_id integer references diner (id);
create index diner_phone on diner (phone_id) where phone_id is not null;

