-- What the counter PC says besides: 4 money that has come for an order that the kitchen has, 5 the tunnel is down,
-- 6 the speaker test.
create table alert_now (
    id        integer primary key,
    kind      integer not null check (kind between 1 and 6),
    order_id  integer references dining_order (id),
    note      text not null default '',
    raised_at integer not null,
    heard_at  integer,
    acked_at  integer,
    acked_by  text
) strict;
insert into alert_now (id, kind, order_id, note, raised_at, heard_at, acked_at, acked_by)
    select id, kind, order_id, note, raised_at, heard_at, acked_at, acked_by from alert;
drop table alert;
alter table alert_now rename to alert;
create unique index alert_new_order on alert (order_id) where kind = 1;
create index alert_open on alert (id) where acked_at is null;
create index alert_order on alert (order_id);
create index alert_test on alert (raised_at) where kind = 6;
