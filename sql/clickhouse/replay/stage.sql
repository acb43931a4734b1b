-- Copies of the real-time tables' structure, in this replay's own database.
CREATE DATABASE ads_replay_{replay};
CREATE TABLE ads_replay_{replay}.clicks AS ads.clicks;
CREATE TABLE ads_replay_{replay}.copies_dropped AS ads.copies_dropped;
CREATE TABLE ads_replay_{replay}.clicks_from_future AS ads.clicks_from_future;
CREATE TABLE ads_replay_{replay}.minutes_by_ad AS ads.minutes_by_ad;
CREATE TABLE ads_replay_{replay}.minutes_by_minute AS ads.minutes_by_minute;
