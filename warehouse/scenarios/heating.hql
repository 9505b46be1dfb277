-- Buildings that are warmer than they should be: words of a text as hashed counts, a regression, and probabilities for pairs of
-- system and age that nobody has seen. The rows are made here.
--   hiveql -hiveconf ROWS=20000 -f heating.hql
create database if not exists heating;
use heating;

drop table if exists hvac;
create table hvac (
    day string, time string, targettemp int, actualtemp int, system int, systemage int, buildingid int)
row format delimited fields terminated by ',' stored as textfile;
insert overwrite table hvac
select
    date_format(date_add('2013-06-01', pos % 30), 'MM/dd/yy'), concat(pos % 24, ':00:01'), target,
    target + cast(round((systemage - 15) / 6 + system % 4 - 1.5 + ml.hash_bucketize(concat('noise ', pos), 1000) / 100 - 5) as int),
    system, systemage, pos % 20 + 1
from (
    select pos, 65 + pos % 6 as target, ml.hash_bucketize(concat('system ', pos), 20) + 1 as system,
        ml.hash_bucketize(concat('age ', pos), 30) + 1 as systemage
    from (select posexplode(split(space(${hiveconf:ROWS} - 1), ' ')) as (pos, word)) numbers) drawn;

create table if not exists building (
    buildingid int, buildingmgr string, buildingage int, hvacproduct string, country string)
row format delimited fields terminated by ',' stored as textfile;
insert overwrite table building
select pos + 1, concat('M', pos + 1), pos * 3 % 30, elt(pos % 3 + 1, 'AC1000', 'GG1919', 'JDNS77'), elt(pos % 4 + 1, 'USA', 'France', 'Egypt', 'China')
from (select posexplode(split(space(19), ' ')) as (pos, word)) numbers;

select country, temprange, count(*) as readings
from (
    select buildingid, case when targettemp - actualtemp > 5 then 'COLD' when targettemp - actualtemp < -5 then 'HOT' else 'NORMAL' end as temprange
    from hvac) h
join building b on h.buildingid = b.buildingid
group by country, temprange order by country, temprange;

-- System and age as one text, its words hashed to 2^18 places; 0.01 is the penalty on half the squared weights.
create or replace model warmer
transform (ml.feature_hasher(split(systeminfo, ' '), 262144) as words, label)
options (model_type = 'logistic_reg', input_label_cols = 'label', data_split_method = 'no_split', l2_reg = 0.01)
as select concat(system, ' ', systemage) as systeminfo, if(actualtemp > targettemp, 1, 0) as label from hvac;

select count(*) as words from ml.weights(model warmer) w where processed_input <> '__INTERCEPT__';
select systeminfo, predicted_label, round(predicted_label_probs[1].prob, 4) as probability
from ml.predict(model warmer, (
    select '20 25' as systeminfo union all select '4 15' union all select '16 9' union all select '9 22'
    union all select '17 10' union all select '7 22' union all select '99 99')) p
order by systeminfo;

-- Why is a building with an old system said to be warm?
select systeminfo, round(baseline_prediction_value, 4) as baseline, round(prediction_value, 4) as log_odds
from ml.explain_predict(model warmer, (select '20 25' as systeminfo)) e;
