-- Clicks on advertisements, in the shape of Criteo's: counts of each class for the levels of wide columns, and what they are
-- worth. The rows are made here: each level has an effect of its own on the log-odds of a click.
--   hiveql -hiveconf ROWS=100000 -f clicks.hql
create database if not exists clicks;
use clicks;

drop table if exists impressions;
create table impressions (
    id bigint, day int, clicked int, visits double, seconds double, advertiser string, page string, device string, odds double)
row format delimited fields terminated by '\t' stored as textfile;

-- Uniform numbers are hashes, so that every run makes the same rows.
insert overwrite table impressions
select id, day, if(chance < 1 / (1 + exp(-odds)), 1, 0), visits, seconds, advertiser, page, device, odds
from (
    select
        id, day, visits, if(id % 23 = 0, null, seconds) as seconds, advertiser, if(id % 17 = 0, null, page) as page, device,
        ml.hash_bucketize(concat('chance ', id), 1000000) / 1e6 as chance,
        -3 + visits / 10
            + 3 * (ml.hash_bucketize(concat('effect ', advertiser), 1000) / 1e3 - 0.5)
            + if(id % 17 = 0, 0, 4 * (ml.hash_bucketize(concat('effect ', page), 1000) / 1e3 - 0.5))
            + if(device = 'phone', 0.7, 0) as odds
    from (
        select
            pos as id, pos % 3 as day, ml.hash_bucketize(concat('visits ', pos), 20) * 1.0D as visits,
            ml.hash_bucketize(concat('seconds ', pos), 6000) / 10.0D as seconds,
            -- Few advertisers are many rows': the smaller of two draws.
            hex(least(ml.hash_bucketize(concat('a ', pos), 400), ml.hash_bucketize(concat('b ', pos), 400)) + 40960) as advertiser,
            hex(least(ml.hash_bucketize(concat('c ', pos), 2000), ml.hash_bucketize(concat('d ', pos), 2000)) + 1048576) as page,
            if(ml.hash_bucketize(concat('e ', pos), 3) = 0, 'desktop', 'phone') as device
        from (select posexplode(split(space(${hiveconf:ROWS} - 1), ' ')) as (pos, word)) numbers) drawn) made;

select count(*) as impressions, sum(clicked) as clicks, round(avg(clicked), 4) as rate from impressions;
select day, clicked, count(*) as n from impressions group by day, clicked order by day, clicked;
select round(bin.x, 1) as centre, round(bin.y) as height
from (select histogram_numeric(seconds, 5) as h from impressions) a lateral view explode(h) bins as bin;
select percentile_approx(seconds, array(0.25, 0.5, 0.75)) as quartiles from impressions;
select count(distinct advertiser) as advertisers, count(distinct page) as pages from impressions;
select advertiser, device, count(*) as n from impressions group by advertiser, device order by n desc, advertiser, device limit 3;

-- Days 0 and 1 are learned from, day 2 is judged.
create or replace model without_counts
options (model_type = 'logistic_reg', input_label_cols = 'clicked', data_split_method = 'no_split',
    feature_cols = array('visits', 'seconds', 'device'))
as select * from impressions where day < 2;

create or replace model with_counts
options (model_type = 'logistic_reg', input_label_cols = 'clicked', data_split_method = 'no_split',
    feature_cols = array('visits', 'seconds', 'device', 'advertiser', 'page'),
    encode = array('advertiser=counts', 'page=counts'), least_rows = 5)
as select * from impressions where day < 2;

create or replace model with_counts_trees
options (model_type = 'boosted_tree_classifier', input_label_cols = 'clicked', data_split_method = 'no_split',
    feature_cols = array('visits', 'seconds', 'device', 'advertiser', 'page'),
    encode = array('advertiser=counts', 'page=counts'), least_rows = 5, rounds = 60, max_tree_depth = 4)
as select * from impressions where day < 2;

-- Nothing is known better than what the rows were made by: the last line is the most that there is to reach.
select 'without counts' as model, round(roc_auc, 4) as auc, round(log_loss, 4) as log_loss
from ml.evaluate(model without_counts, (select * from impressions where day = 2)) e
union all
select 'with counts', round(roc_auc, 4), round(log_loss, 4)
from ml.evaluate(model with_counts, (select * from impressions where day = 2)) e
union all
select 'with counts, trees', round(roc_auc, 4), round(log_loss, 4)
from ml.evaluate(model with_counts_trees, (select * from impressions where day = 2)) e
union all
select 'the truth', round(auc, 4), round(loss, 4)
from (
    select (sum(if(clicked = 1, place, 0)) - sum(clicked) * (sum(clicked) + 1) / 2) / (sum(clicked) * sum(1 - clicked)) as auc,
        avg(-ln(if(clicked = 1, 1 / (1 + exp(-odds)), 1 / (1 + exp(odds))))) as loss
    from (
        select clicked, odds, avg(position) over (partition by odds) as place
        from (select clicked, odds, row_number() over (order by odds) as position from impressions where day = 2) ranked) placed) t;

-- The impressions of day 2 that were most likely clicked on.
create or replace view scored as
select id, advertiser, page, round(predicted_clicked_probs[1].prob, 4) as probability, clicked
from ml.predict(model with_counts, (select * from impressions where day = 2)) p;
select * from scored order by probability desc, id limit 5;
